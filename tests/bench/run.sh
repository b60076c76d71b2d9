#!/bin/sh
# The agent beside other programs, on one machine, in one run.
#
# usage: sh tests/bench/run.sh [--profile] [PART ...]
#
# Two cores are used, one for who asks and one for who answers.  It takes
# about three minutes, more with other parts: speed, paced, scale, outage, workers,
# tls, blackbox.  speed and paced are the usual ones.
set -eu
root=$(cd "$(dirname "$0")/../.." && pwd)

sh "$root/.ci/install.sh" bench
exec /usr/bin/python3 -B "$root/tests/bench/bench.py" "$@"
