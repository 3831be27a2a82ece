#!/bin/sh
# mke2fs 1.47.0 -d: a file with an mtime from 2038-01-19 03:14:08 UTC on has one of 136 years earlier in the new ext4,
# although its inodes of 256 bytes have room for such times.
#
# Seen on 2026-11-30 with Debian 12's package. Needs apt-get and a Debian mirror with bookworm. Exits with status 1 if
# that has changed.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
apt-get download -q -q e2fsprogs/bookworm libext2fs2/bookworm libss2/bookworm libcom-err2/bookworm 2>/dev/null ||
  { echo "cannot download the packages of bookworm" >&2; exit 2; }
for package in *.deb; do dpkg -x "$package" root; done
libraries=$(uname -m)-linux-gnu
export LD_LIBRARY_PATH="$folder/root/lib/$libraries:$folder/root/usr/lib/$libraries" LC_ALL=C TZ=UTC
mkdir tree
touch -d @2147483647 tree/before
touch -d @2147483653 tree/after
root/sbin/mke2fs -q -t ext4 -I 256 -d tree image 8M >/dev/null
{
  root/sbin/mke2fs -V 2>&1 | sed -n 's/^mke2fs \([^ ]*\).*/mke2fs \1/p'
  for name in before after; do
    echo "$name: $(stat -c %y "tree/$name" | cut -c1-19), in the image $(root/sbin/debugfs -R "stat $name" image 2>/dev/null |
      sed -n 's/.*mtime: [^ ]* -- \(.*\)/\1/p')"
  done
} >seen
cat >expected <<'EXPECTED'
mke2fs 1.47.0
before: 2038-01-19 03:14:07, in the image Tue Jan 19 03:14:07 2038
after: 2038-01-19 03:14:13, in the image Fri Dec 13 20:45:57 1901
EXPECTED
cat seen
diff expected seen
