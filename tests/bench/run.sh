#!/bin/sh
# First figures: the agent beside wrk, on one machine, in one run.
#
# usage: sh tests/bench/run.sh [--profile]
#
# Two cores are used, one for who asks and one for who answers.  It takes
# about two minutes.
set -eu
root=$(cd "$(dirname "$0")/../.." && pwd)

sh "$root/.ci/install.sh" bench
exec /usr/bin/python3 -B "$root/tests/bench/bench.py" "$@"
