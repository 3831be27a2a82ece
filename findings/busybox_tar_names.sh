#!/bin/sh
# busybox 1.38 `tar -t` prints "?" for each character from U+0300 on, in any locale; 1.37 printed the bytes of the
# name. Such a list cannot be used to extract the files (`tar -t | grep | tar -x -T -`), and different names can look
# the same in it. GNU tar has `--quoting-style=literal`; busybox has no way to print the bytes. `cpio -t` does the
# same.
#
# Seen on 2026-11-30 with Debian's packages, which have LAST_SUPPORTED_WCHAR=767. Needs apt-get, a Debian mirror with
# trixie and sid, and GNU tar. Exits with status 1 if that has changed.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
mkdir files
: >files/日本
: >files/漢字
: >files/é
tar --sort=name -C files -cf names.tar 日本 漢字 é
{
  for suite in trixie sid; do
    apt-get download -q -q "busybox-static/$suite" 2>/dev/null ||
      { echo "cannot download busybox-static of $suite" >&2; exit 2; }
    dpkg -x busybox-static_*.deb "$suite"
    rm busybox-static_*.deb
    busybox=$suite/usr/bin/busybox
    [ -e "$busybox" ] || busybox=$suite/bin/busybox
    for locale in C C.UTF-8; do
      names=$(LC_ALL=$locale LANG=$locale "$busybox" tar -tf names.tar | tr '\n' ' ')
      echo "$("$busybox" | sed -n '1s/^BusyBox v\([0-9]*\.[0-9]*\).*/\1/p') $locale: $names"
    done
  done
} >seen
cat >expected <<'EXPECTED'
1.37 C: 日本 漢字 é 
1.37 C.UTF-8: 日本 漢字 é 
1.38 C: ?????? ?????? ?? 
1.38 C.UTF-8: ?? ?? é 
EXPECTED
cat seen
diff expected seen
