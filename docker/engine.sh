#!/bin/sh
# docker where its engine answers, else podman with what this machine needs.
#
# usage: sh docker/engine.sh COMMAND [ARGUMENT...]
#        sh docker/engine.sh run --rm curlew --version
#
# CONTAINER_STORAGE, a folder, keeps podman's images there rather than among
# the user's.
set -eu

if [ -z "${CONTAINER_STORAGE:-}" ] && command -v docker >/dev/null &&
	timeout 10 docker info >/dev/null 2>&1; then
	exec docker "$@"
fi
if ! command -v podman >/dev/null; then
	echo 'curlew: there is neither a docker that answers nor podman' >&2
	exit 127
fi

# Capability 24, CAP_SYS_RESOURCE: without it root cannot raise the limits that
# podman asks for.
may_raise_limits() {
	[ "$(id -u)" -ne 0 ] ||
		[ $((0x$(sed -n 's/^CapEff:[[:blank:]]*//p' \
			/proc/self/status) >> 24 & 1)) -eq 1 ]
}

# min LIMIT MOST
min() {
	if [ "$1" = unlimited ] || [ "$1" -gt "$2" ]; then
		echo "$2"
	else
		echo "$1"
	fi
}

command=$1
shift
case $command in
build)
	set -- --isolation=chroot --format=docker "$@" ;;
create | run)
	may_raise_limits || {
		files=$(min "$(bash -c 'ulimit -Hn')" 1048576)
		processes=$(min "$(bash -c 'ulimit -Hu')" 4096)
		set -- --ulimit "nofile=$files:$files" \
			--ulimit "nproc=$processes:$processes" "$@"
	}
	# Its clock for health checks is systemd.
	[ -d /run/systemd/system ] || set -- --no-healthcheck "$@" ;;
esac
set -- "$command" "$@"

# crun does not bear both versions of cgroups at once.
if grep -qs . /sys/fs/cgroup/unified/cgroup.controllers &&
	command -v runc >/dev/null; then
	set -- --runtime=runc "$@"
fi
if [ -n "${CONTAINER_STORAGE:-}" ]; then
	set -- --root "$CONTAINER_STORAGE/root" \
		--runroot "$CONTAINER_STORAGE/run" "$@"
fi
exec podman "$@"
