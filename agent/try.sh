#!/bin/sh
# Install what is missing, build curlew and show what it does: `curlew demo`.
#
# usage: sh agent/try.sh [ARGUMENTS OF curlew demo]
set -eu
root=$(cd "$(dirname "$0")/.." && pwd)
build=$root/build

sh "$root/.ci/install.sh"

log=$(mktemp)
trap 'rm -f "$log"' EXIT

build_it() {
	if [ ! -f "$build/build.ninja" ]; then
		meson setup --buildtype=release "$build" "$root" || return 1
	fi
	ninja --quiet -C "$build" curlew
}

# A folder that is left of another place or another compiler is made anew.
build_anew() {
	[ -d "$build" ] && rm -rf "$build" && build_it
}

if [ ! -x "$build/curlew" ]; then
	echo 'curlew: building (this takes half a minute) ...'
fi
if ! build_it >"$log" 2>&1 && ! build_anew >"$log" 2>&1; then
	tail -n 40 "$log" >&2
	echo 'curlew: it does not build; the lines above say why' >&2
	exit 1
fi
rm -f "$log"
exec "$build/curlew" demo "$@"
