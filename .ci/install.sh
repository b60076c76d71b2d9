#!/bin/sh
# Install what a bare Debian 12 or 13 lacks.
#
# usage: sh .ci/install.sh [test] [bench]
#
# Without an argument: what it takes to build and run curlew; `test` adds what
# the tests need, `bench` what the benchmark needs.  Does nothing, quickly,
# when everything is there.  Uses sudo when it is not run by root.
set -eu

# One word a package; where Debian's releases differ: this|or-that.
packages='
	build-essential ca-certificates meson ninja-build pkg-config|pkgconf
	libc-ares-dev libcurl4-openssl-dev libev-dev libjansson-dev
	libmicrohttpd-dev libpcre2-dev libsqlite3-dev libssl-dev libyaml-dev
	tzdata uthash-dev zlib1g-dev'

for argument; do
	case $argument in
	test)
		packages="$packages
			clang clang-format clang-tidy codespell git iproute2
			libc6-dbg libclang-rt-14-dev|libclang-rt-19-dev
			fish libcmocka-dev mandoc mmdebstrap openssl podman
			prometheus python3
			python3-jsonschema python3-pytest python3-pytest-xdist
			python3-yaml runc
			sqlite3 systemd util-linux valgrind zsh" ;;
	bench)
		packages="$packages
			iproute2 nginx openssl prometheus-blackbox-exporter
			python3 python3-yaml util-linux wrk" ;;
	*)
		echo "usage: sh .ci/install.sh [test] [bench]" >&2
		exit 2 ;;
	esac
done

if ! command -v dpkg-query >/dev/null; then
	echo 'curlew: this is no Debian; if the build lacks something, it will' \
		'say what' >&2
	exit 0
fi

have=" $(dpkg-query -W -f '${db:Status-Status}=${Package} ' 2>/dev/null)"

is_installed() {
	case $have in
	*" installed=$1 "*) return 0 ;;
	esac
	return 1
}

# Which of this|or-that is installed?
is_there() {
	for name in $(echo "$1" | tr '|' ' '); do
		if is_installed "$name"; then
			return 0
		fi
	done
	return 1
}

# Of this|or-that, the first that can be installed.
available() {
	for name in $(echo "$1" | tr '|' ' '); do
		if apt-cache policy "$name" 2>/dev/null |
			grep -q 'Candidate: [^(]'; then
			echo "$name"
			return
		fi
	done
	echo "${1%%|*}"
}

missing=
for package in $packages; do
	is_there "$package" || missing="$missing $package"
done
if [ -z "$missing" ]; then
	exit 0
fi
by_hand="apt-get install$(echo "$missing" | sed 's/|[^ ]*//g')"

if [ "$(id -u)" -eq 0 ]; then
	as_root=
elif command -v sudo >/dev/null; then
	as_root=sudo
	[ -t 0 ] || as_root='sudo -n'
else
	echo 'curlew: these Debian packages are missing, and only root can' \
		'install them (there is no sudo):' >&2
	echo "  $by_hand" >&2
	exit 1
fi

log=$(mktemp)
trap 'rm -f "$log"' EXIT

apt() {
	# shellcheck disable=SC2086 # the words of $as_root are apart on purpose
	if ! $as_root env DEBIAN_FRONTEND=noninteractive LC_ALL=C.UTF-8 \
		RUNLEVEL=1 \
		apt-get -q -y -o Dpkg::Use-Pty=0 "$@" >>"$log" 2>&1 </dev/null
	then
		tail -n 20 "$log" >&2
		echo "curlew: apt-get $1 failed; wanted was: $by_hand" >&2
		exit 1
	fi
}

# shellcheck disable=SC2086 # a word a package
set -- $missing
echo "curlew: installing $# Debian packages (this takes a minute or two) ..."
[ -z "$as_root" ] || $as_root true || {
	echo "curlew: sudo refused; as root: $by_hand" >&2
	exit 1
}
apt update
names=
for package in $missing; do
	names="$names $(available "$package")"
done
# Of these only the programs are wanted: where systemd runs, their services are
# not to begin by themselves, on ports of everybody's.  Elsewhere nothing begins
# them at runlevel 1.
for name in $missing; do
	case $name in
	nginx | prometheus | prometheus-*)
		unit=/etc/systemd/system/$name.service
		[ -e "$unit" ] || [ -L "$unit" ] || {
			$as_root mkdir -p "${unit%/*}"
			$as_root ln -s /dev/null "$unit"
		} ;;
	esac
done
# shellcheck disable=SC2086
apt install --no-install-recommends $names
