#!/bin/sh
# Build the images curlew:slim (also curlew:latest) and curlew:minimal, with
# docker or with podman.
#
# usage: sh docker/build.sh [--suite SUITE] [slim] [minimal]
#
# SUITE is trixie or bookworm.  Where podman has no debian:SUITE-slim, the base
# is made from the packages that this machine's apt gets (by mmdebstrap, as
# root), or else pulled.  Exit code 3: there is no base.
set -eu
root=$(cd "$(dirname "$0")/.." && pwd)
suite=trixie
if [ "${1:-}" = --suite ]; then
	suite=$2
	shift 2
fi
[ $# -gt 0 ] || set -- slim minimal
base=debian:$suite-slim

engine() {
	sh "$root/docker/engine.sh" "$@"
}

# This machine's sources of packages, for another suite.
sources() {
	# shellcheck disable=SC1091
	here=$(. /etc/os-release && echo "${VERSION_CODENAME:-}")
	for file in /etc/apt/sources.list.d/debian.sources \
		/etc/apt/sources.list; do
		if [ -n "$here" ] && [ -e "$file" ] && grep -qw "$here" "$file"
		then
			sed "s/\\b$here\\b/$suite/g" "$file"
			return
		fi
	done
	echo 'curlew: apt has no sources from which a base could be made' >&2
	return 1
}

make_base() {
	folder=$(mktemp -d) || return
	trap 'rm -rf "$folder"' EXIT
	name=sources.list
	sources >"$folder/sources" || return
	! grep -q '^URIs:' "$folder/sources" || name=debian.sources
	mv "$folder/sources" "$folder/$name"
	echo "curlew: making $base ..."
	# shellcheck disable=SC2016 # the hooks have a shell of their own
	mmdebstrap --quiet --variant=minbase --mode=root \
		--include=usr-is-merged \
		--hook-dir=/usr/share/mmdebstrap/hooks/merged-usr \
		--dpkgopt='path-exclude=/usr/share/man/*' \
		--dpkgopt='path-exclude=/usr/share/locale/*' \
		--dpkgopt='path-exclude=/usr/share/doc/*' \
		--dpkgopt='path-include=/usr/share/doc/*/copyright' \
		--aptopt='Acquire::Languages "none"' \
		--aptopt='APT::Install-Recommends "0"' \
		--aptopt='Dir::Cache::pkgcache ""' \
		--aptopt='Dir::Cache::srcpkgcache ""' \
		--customize-hook='rm -rf "$1"/var/lib/apt/lists/*' \
		--customize-hook='rm -rf "$1"/var/cache/apt/*' \
		"$suite" "$folder/base.tar" "$folder/$name" &&
		engine import --quiet "$folder/base.tar" \
			"docker.io/library/$base" >/dev/null
}

# docker pulls by itself.
if engine --version | grep -q podman &&
	! engine image exists "docker.io/library/$base"; then
	if [ "$(id -u)" -eq 0 ] && command -v mmdebstrap >/dev/null; then
		make_base || exit 3
	else
		engine pull --quiet "docker.io/library/$base" || exit 3
	fi
fi

version=$(sed -n "s/^\tversion: '\(.*\)',$/\1/p" "$root/meson.build")
revision=$(git -C "$root" rev-parse HEAD 2>/dev/null || echo unknown)
for target; do
	echo "curlew: building curlew:$target on $base ..."
	engine build --build-arg "SUITE=$suite" --build-arg "VERSION=$version" \
		--build-arg "REVISION=$revision" --target "$target" \
		-t "curlew:$target" -f "$root/docker/Dockerfile" "$root"
	[ "$target" != slim ] || engine tag curlew:slim curlew:latest
done
