#!/bin/sh
# Throw made-up input at what reads from outside, under ASan and UBSan.
#
# usage: sh tests/fuzz/run.sh [SECONDS [NAME...]]
#
# SECONDS each, 10 unless said otherwise; NAME is that of a file here.  What was
# interesting is kept in build/fuzz/corpus, what broke in build/fuzz/findings.
set -eu
cd "$(dirname "$0")/../.."

seconds=${1:-10}
[ $# -eq 0 ] || shift
[ $# -gt 0 ] || set -- $(cd tests/fuzz && ls ./*.c | sed 's|^\./||; s|\.c$||')

build=build/fuzz
sanitize='address,undefined'
libraries='jansson libcares libcrypto libcurl libmicrohttpd libpcre2-8
	libssl sqlite3 yaml-0.1 zlib'
mkdir -p "$build"
log=$build/build.log

build_all() {
	[ -e "$build/build.ninja" ] || CC=clang meson setup "$build" \
		"-Db_sanitize=$sanitize" -Db_lundef=false \
		'-Dc_args=-fsanitize=fuzzer-no-link -fno-sanitize-recover=all'
	ninja -C "$build" libcurlew-parts.a || return 1
	for name; do
		# shellcheck disable=SC2046,SC2086 # a word an argument
		clang -std=c11 -g -O1 -D_POSIX_C_SOURCE=200809L -I. \
			-Wall -Wextra -Werror "-fsanitize=fuzzer,$sanitize" \
			-fno-sanitize-recover=all "tests/fuzz/$name.c" \
			"$build/libcurlew-parts.a" \
			$(pkg-config --libs $libraries) -lev -lm -pthread \
			-o "$build/fuzz-$name" || return 1
	done
}

if ! build_all "$@" >"$log" 2>&1; then
	tail -n 30 "$log"
	echo '0 passed, 1 failed'
	exit 1
fi

passed=0
failed=0
for name; do
	mkdir -p "$build/corpus/$name" "$build/findings"
	report=$build/$name.log
	if "$build/fuzz-$name" "-max_total_time=$seconds" -max_len=4096 \
		-timeout=20 -rss_limit_mb=2048 -print_final_stats=1 \
		"-artifact_prefix=$build/findings/$name-" \
		"$build/corpus/$name" "tests/fuzz/seeds/$name" \
		>"$report" 2>&1; then
		passed=$((passed + 1))
		runs=$(sed -n 's/^stat::number_of_executed_units: *//p' "$report")
		echo "$name: $runs inputs, nothing found"
	else
		failed=$((failed + 1))
		echo "$name: see $report"
		tail -n 30 "$report"
	fi
done
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
