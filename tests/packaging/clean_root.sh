#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Installs the package in a fresh Debian 12 that has nothing of ours, starts the server there, talks to it from outside,
# and purges it. By hand, as root, with debootstrap installed: ./dev package --test
#   tests/packaging/clean_root.sh build/package/meerkat_VERSION_amd64.deb
# MIRROR is where Debian's packages come from; as apt is configured when it is not set. PORT is used on 127.0.0.1.
set -euo pipefail
package=$(realpath "${1:?which package?}")
here=$(realpath "$(dirname "$0")")
port=${PORT:-25222}
mirror=${MIRROR:-$(apt-get indextargets --format '$(REPO_URI)' 'Codename: bookworm' 'Created-By: Packages' | head -1)}
((EUID == 0)) || { echo "chroot needs root" >&2; exit 2; }
command -v debootstrap >/dev/null || { echo "install debootstrap first" >&2; exit 2; }

root=$(mktemp -d "${TMPDIR:-/var/tmp}/meerkat-clean-root.XXXXXX")
chmod 755 "$root"  # the / of users who are not root
server=
clean_up() {
  [[ -z $server ]] || kill "$server" 2>/dev/null || true
  umount "$root/proc" 2>/dev/null || true
  rm -rf --one-file-system "$root"
}
trap clean_up EXIT

step() { printf '== %s\n' "$*"; }
inside() { env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin DEBIAN_FRONTEND=noninteractive LC_ALL=C chroot "$root" "$@"; }
as_meerkat() { env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin chroot --userspec=meerkat:meerkat "$root" "$@"; }
fail() { echo "clean root: FAILED: $*" >&2; exit 1; }

step "a fresh Debian 12"
debootstrap --variant=minbase bookworm "$root" "$mirror" >"$root.log" 2>&1 || { tail -20 "$root.log"; fail "debootstrap"; }
rm -f "$root.log"
mount -t proc proc "$root/proc"
cp /etc/resolv.conf "$root/etc/resolv.conf"

step "apt installs the package, with what it depends on and nothing else"
cp "$package" "$root/tmp/meerkat.deb"
inside apt-get update -qq
inside apt-get install -y -qq --no-install-recommends /tmp/meerkat.deb >/dev/null
inside dpkg -s meerkat | grep -q '^Status: install ok installed' || fail "it is not installed"
inside getent passwd meerkat >/dev/null || fail "there is no user meerkat"
[[ $(inside stat -c %U:%a /var/lib/meerkat) == meerkat:700 ]] || fail "the data directory"
inside meerkat version
# The network is not a clean one.
sed -i "s/port = 5222/port = $port/" "$root/etc/meerkat/meerkat.toml"
inside meerkat check || [[ $? == 1 ]] || fail "check finds errors in a fresh installation"

step "the server starts as the user meerkat, from the installed configuration"
# Not by the function: its subshell would get the signal in place of the server.
env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin chroot --userspec=meerkat:meerkat "$root" /usr/bin/meerkat serve --config /etc/meerkat/meerkat.toml --ready-file /var/lib/meerkat/ready \
  >"$root/tmp/said" 2>"$root/tmp/log" &
server=$!
for ((i = 0; i < 100; i++)); do [[ -e $root/var/lib/meerkat/ready ]] && break; sleep 0.1; done
[[ -e $root/var/lib/meerkat/ready ]] || { cat "$root/tmp/log"; fail "it does not get ready"; }
cat "$root/var/lib/meerkat/ready"

step "an account is made inside, and a client from outside logs in"
as_meerkat /usr/bin/meerkat account register alice@localhost --password-stdin <<<"secret of the clean root"
/usr/bin/python3 - "$port" "$here/../../tools" <<'PYTHON'
import sys
sys.path.insert(0, sys.argv[2])
from xmpptest.client import Client
client = Client(("127.0.0.1", int(sys.argv[1])))
print(client.log_in("alice", "secret of the clean root"), "is online")
client.ask("get", "<ping xmlns='urn:xmpp:ping'/>", "localhost")
client.close()
PYTHON

step "it ends when asked to"
kill -TERM "$server"
wait "$server" || fail "it ended with code $?"
server=
grep -q what=stopped "$root/tmp/log" || fail "the log does not say that it stopped"

step "apt purges it, and nothing stays"
inside apt-get purge -y -qq meerkat >/dev/null
for path in /usr/bin/meerkat /etc/meerkat /var/lib/meerkat /lib/systemd/system/meerkat.service; do
  [[ ! -e $root$path ]] || fail "$path is still there"
done
! inside getent passwd meerkat >/dev/null || fail "the user is still there"
echo "packaging: 1 passed, 0 failed"
