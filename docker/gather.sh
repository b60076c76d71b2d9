#!/bin/sh
# Lay out what goes into the images; for the Dockerfile alone.
#
# usage: sh docker/gather.sh BUILD OUT
#
#   OUT/common    the program, and the folders that people mount
#   OUT/minimal   what it loads: for an image with nothing else in it
#   OUT/packages  the packages that have that
set -eu
build=$1
out=$2
common=$out/common
minimal=$out/minimal

# Folders.  Whoever the container runs as may keep a state.
mkdir -p "$common/usr/bin" "$common/etc/curlew" \
	"$common/usr/src/app/config" "$common/var/lib/curlew" \
	"$common/usr/share/doc/curlew" "$common/tmp"
chmod 1777 "$common/var/lib/curlew" "$common/tmp"
strip -o "$common/usr/bin/curlew" "$build/curlew"
chmod 755 "$common/usr/bin/curlew"
cp LICENSE "$common/usr/share/doc/curlew/copyright"

# As everywhere, /lib is in /usr.
mkdir -p "$minimal/usr/lib" "$minimal/usr/lib64" "$minimal/etc/ssl/certs"
ln -s usr/lib "$minimal/lib"
ln -s usr/lib64 "$minimal/lib64"

# take PATH...: what it is, at the same place.
take() {
	for path; do
		mkdir -p "$minimal$(dirname "$path")"
		cp -L "$path" "$minimal$path"
	done
}

libraries_of() {
	ldd "$@" | sed -n 's,^.*[[:blank:]]\(/[^ ]*\) (0x.*$,\1,p' | sort -u
}
libraries=$(libraries_of "$build/curlew")
# shellcheck disable=SC2086 # a word a library
take $libraries

# The character sets that it knows by iconv's names.
gconv=$(echo /usr/lib/*/gconv)
names=$(sed -n 's/.*CHARSET_[A-Z0-9]*, "\([^"]*\)".*/\1/p' \
	probes/charset_names.c | tr '\n' ' ')
modules=$(cat "$gconv"/gconv-modules "$gconv"/gconv-modules.d/*.conf |
	awk -v wanted="$names" '
	$1 == "alias" { alias[$2] = $3 }
	$1 == "module" && $3 == "INTERNAL" { module[$2] = $4 }
	END {
		n = split(wanted, names, " ")
		for (i = 1; i <= n; i++) {
			name = names[i] "//"
			while (!(name in module) && name in alias)
				name = alias[name]
			if (name in module)
				print module[name]
		}
	}' | sort -u)
for module in $modules; do
	take "$gconv/$module.so"
	# shellcheck disable=SC2046
	take $(libraries_of "$gconv/$module.so")
done
take "$gconv/gconv-modules" "$gconv/gconv-modules.cache" \
	"$gconv"/gconv-modules.d/*.conf

# Time zones, but for the copies that count leap seconds.
mkdir -p "$minimal/usr/share"
cp -a /usr/share/zoneinfo "$minimal/usr/share"
rm -rf "$minimal/usr/share/zoneinfo/posix" "$minimal/usr/share/zoneinfo/right"

# Names, users, certificates.
take /etc/ssl/certs/ca-certificates.crt /etc/os-release
echo 'hosts: files dns' >"$minimal/etc/nsswitch.conf"
cat >"$minimal/etc/passwd" <<END
root:x:0:0:root:/:/usr/sbin/nologin
curlew:x:10001:10001::/var/lib/curlew:/usr/sbin/nologin
END
cat >"$minimal/etc/group" <<END
root:x:0:
curlew:x:10001:
END

# Whose they are: for licences, for scanners, and for the other image.
owner_of() {
	dpkg-query -S "*/${1##*/}" | sed -n 's/^\([a-z0-9.+-]*\):.*/\1/p'
}
for path in $libraries "$gconv/BIG5.so"; do
	owner_of "$path"
done | grep -v -e '-dev$' | sort -u >"$out/packages"
mkdir -p "$minimal/var/lib/dpkg/status.d"
for package in ca-certificates tzdata $(cat "$out/packages"); do
	dpkg-query -s "$package" >"$minimal/var/lib/dpkg/status.d/$package"
	copyright=/usr/share/doc/$package/copyright
	[ ! -e "$copyright" ] || take "$copyright"
done

# It is complete: what knows all character sets runs in it.
cp "$build/tests/unit/unit-charset" "$minimal/test"
for path in $(libraries_of "$build/tests/unit/unit-charset"); do
	[ -e "$minimal$path" ] || echo "$path"
done >"$out/extra"
# shellcheck disable=SC2046
take $(cat "$out/extra")
chroot "$minimal" /test
sed "s,^,$minimal," "$out/extra" | xargs rm -f "$minimal/test" "$out/extra"
cp "$common/usr/bin/curlew" "$minimal/curlew"
chroot "$minimal" /curlew --version
rm -f "$minimal/curlew"
