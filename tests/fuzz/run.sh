#!/bin/sh
# Throw made-up input at what reads from outside, under ASan and UBSan.
#
# usage: sh tests/fuzz/run.sh [SECONDS [NAME...]]
#
# First what lies in seeds/NAME, each once, then new input for SECONDS, 10 unless
# said otherwise; two at a time.  NAME is that of a file here.  What was
# interesting is kept in build/fuzz/corpus, what broke in build/fuzz/findings:
# once mended, it belongs into seeds/NAME.
set -eu
cd "$(dirname "$0")/../.."

seconds=${1:-10}
[ $# -eq 0 ] || shift
# shellcheck disable=SC2046,SC2012 # names of ours, a word each
# shellcheck disable=SC2046,SC2012 # names of ours, a word each
[ $# -gt 0 ] || set -- $(cd tests/fuzz && ls ./*.c | sed 's|^\./||; s|\.c$||')

build=build/fuzz
library=$build/libcurlew-parts.a
sanitize='address,undefined'
libraries='jansson libcares libcrypto libcurl libmicrohttpd libpcre2-8
	libssl sqlite3 yaml-0.1 zlib'
mkdir -p "$build"

# Only what is older than that of which it is made.
build_one() {
	[ ! -e "$build/fuzz-$1" ] || [ -n "$(find "$library" "tests/fuzz/$1.c" \
		tests/fuzz/*.h -newer "$build/fuzz-$1")" ] || return 0
	# shellcheck disable=SC2046,SC2086 # a word an argument
	clang -std=c11 -g -O1 -D_POSIX_C_SOURCE=200809L -I. \
		-Wall -Wextra -Werror "-fsanitize=fuzzer,$sanitize" \
		-fno-sanitize-recover=all "tests/fuzz/$1.c" "$library" \
		$(pkg-config --libs $libraries) -lev -lm -pthread \
		-o "$build/fuzz-$1"
}

build_all() {
	[ -e "$build/build.ninja" ] || CC=clang meson setup "$build" \
		"-Db_sanitize=$sanitize" -Db_lundef=false -Doptimization=1 \
		'-Dc_args=-fsanitize=fuzzer-no-link -fno-sanitize-recover=all' ||
		return 1
	ninja -C "$build" "${library##*/}" || return 1
	for name; do
		build_one "$name" || return 1
	done
}

# What it was that broke: whoever has no more than this text has it, too.
show_find() {
	find=$(sed -n 's/.*Test unit written to //p; s/^Running: //p' "$1" |
		tail -n 1)
	[ -f "$find" ] || return 0
	echo "the input, $(wc -c <"$find") bytes in hexadecimal:"
	od -An -v -tx1 "$find"
}

# Its answer is $build/NAME.log, and NAME.good if there is nothing to tell.
fuzz() {
	program=$build/fuzz-$1
	words=tests/fuzz/words/$1.txt
	finds=$build/findings/$1-
	rm -f "$build/$1.good"
	mkdir -p "$build/corpus/$1" "$build/findings"
	[ ! -e "$words" ] || words_option=-dict=$words
	if "$program" -timeout=60 "-artifact_prefix=$finds" \
		tests/fuzz/seeds/"$1"/* && "$program" \
		"-max_total_time=$seconds" -max_len=4096 -timeout=60 \
		-rss_limit_mb=2048 -print_final_stats=1 \
		${words_option:+"$words_option"} "-artifact_prefix=$finds" \
		"$build/corpus/$1" "tests/fuzz/seeds/$1"; then
		touch "$build/$1.good"
	fi >"$build/$1.log" 2>&1
}

tell() {
	report=$build/$1.log
	if [ -e "$build/$1.good" ]; then
		passed=$((passed + 1))
		sed -n 's/^Done \([0-9]*\) .*/\1/p' "$report" | tail -n 1 |
			sed "s/.*/$1: & inputs, nothing found/"
	else
		failed=$((failed + 1))
		echo "$1: see $report"
		tail -n 30 "$report" | cut -c1-200
		show_find "$report"
	fi
}

if ! build_all "$@" >"$build/build.log" 2>&1; then
	tail -n 30 "$build/build.log"
	echo '0 passed, 1 failed'
	exit 1
fi

passed=0
failed=0
while [ $# -gt 0 ]; do
	one=$1
	other=${2:-}
	shift
	fuzz "$one" &
	if [ -n "$other" ]; then
		shift
		fuzz "$other"
	fi
	wait
	tell "$one"
	[ -z "$other" ] || tell "$other"
done
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
