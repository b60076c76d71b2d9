#!/bin/sh
# Install what is missing and pass the tests.
#
# usage: sh tests/run.sh [--quick]
#
# --quick: lint and unit tests alone.
set -eu
root=$(cd "$(dirname "$0")/.." && pwd)

sh "$root/.ci/install.sh" test
exec /usr/bin/python3 -B "$root/tests/run.py" "$@"
