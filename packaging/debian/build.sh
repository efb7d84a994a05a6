#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Makes build/package/meerkat_VERSION_ARCHITECTURE.deb, and a -dbgsym beside it, from build/release (or BUILD).
# The same sources make the same package: all times are that of the last commit (or SOURCE_DATE_EPOCH).
set -euo pipefail
cd "$(dirname "$0")/../.."

build=${BUILD:-build/release}
out=build/package
root=$out/root
debian=packaging/debian
version=$(sed -n 's/.*product_version = "\(.*\)".*/\1/p' src/base/version.h)
architecture=$(dpkg --print-architecture)
export SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH:-$(git log -1 --format=%ct 2>/dev/null || date +%s)}
umask 022
rm -rf "$root" "$out/dbgsym" && mkdir -p "$root/DEBIAN" "$out/debian"

put() { install -D -m "$1" "$2" "$root/$3"; }
packed() { gzip -9n >"$1" && chmod 644 "$1"; }

put 755 "$build/meerkat" usr/bin/meerkat
put 644 packaging/systemd/meerkat.service lib/systemd/system/meerkat.service
put 644 packaging/systemd/meerkat.socket usr/share/doc/meerkat/examples/meerkat.socket
put 644 packaging/monitoring/grafana-dashboard.json usr/share/doc/meerkat/monitoring/grafana-dashboard.json
put 644 packaging/monitoring/meerkat.rules.yml usr/share/doc/meerkat/monitoring/meerkat.rules.yml
put 644 "$debian/meerkat.toml" etc/meerkat/meerkat.toml
put 644 "$debian/copyright" usr/share/doc/meerkat/copyright
packed "$root/usr/share/doc/meerkat/changelog.gz" <"$debian/changelog"
install -d "$root/usr/share/man/man8" "$root/usr/share/bash-completion/completions"
"$build/meerkat" man | packed "$root/usr/share/man/man8/meerkat.8.gz"
"$build/meerkat" completion bash >"$root/usr/share/bash-completion/completions/meerkat"

# The symbols go into a package of their own, which gdb finds by the build id.
symbols=$(readelf -n "$root/usr/bin/meerkat" | sed -n 's/.*Build ID: \(..\)\(.*\)/\1\/\2.debug/p')
if [[ -n $symbols ]]; then
  install -d "$(dirname "$out/dbgsym/usr/lib/debug/.build-id/$symbols")"
  objcopy --only-keep-debug "$root/usr/bin/meerkat" "$out/dbgsym/usr/lib/debug/.build-id/$symbols"
fi
strip --strip-unneeded --remove-section=.comment --remove-section=.note "$root/usr/bin/meerkat"

printf 'Source: meerkat\n\nPackage: meerkat\nArchitecture: any\n' >"$out/debian/control"
depends=$(cd "$out" && dpkg-shlibdeps -O -eroot/usr/bin/meerkat | sed -n 's/^shlibs:Depends=//p')
maintainer="${DEBFULLNAME:-Meerkat maintainers} <${DEBEMAIL:-maintainers@meerkat.example.org}>"
sed -e "s|@VERSION@|$version|; s|@ARCHITECTURE@|$architecture|; s|@DEPENDS@|$depends|; s|@MAINTAINER@|$maintainer|" \
  -e "s|@SIZE@|$(du -sk --exclude=DEBIAN "$root" | cut -f1)|" "$debian/control.in" >"$root/DEBIAN/control"
echo /etc/meerkat/meerkat.toml >"$root/DEBIAN/conffiles"
install -m 755 "$debian/postinst" "$debian/prerm" "$debian/postrm" "$root/DEBIAN/"
(cd "$root" && find . -type f -not -path './DEBIAN/*' -printf '%P\0' | sort -z | xargs -0 md5sum >DEBIAN/md5sums)

package=$out/meerkat_${version}_$architecture.deb
dpkg-deb --root-owner-group -Zxz --build "$root" "$package"
if [[ -d $out/dbgsym ]]; then
  install -d "$out/dbgsym/DEBIAN"
  cat >"$out/dbgsym/DEBIAN/control" <<TEXT
Package: meerkat-dbgsym
Version: $version
Architecture: $architecture
Maintainer: $maintainer
Depends: meerkat (= $version)
Section: debug
Priority: optional
Description: debug symbols for meerkat
TEXT
  dpkg-deb --root-owner-group -Zxz --build "$out/dbgsym" "$out/meerkat-dbgsym_${version}_$architecture.deb" >/dev/null
fi
