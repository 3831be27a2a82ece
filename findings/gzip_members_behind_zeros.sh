#!/bin/sh
# A gzip stream of two members with zero bytes between them, as padding by tapes and block devices: RFC 1952 does not
# mention such bytes, and gzip's manual says that zeros at the end are ignored. A member that follows them is treated
# differently: bsdcat 3.6.2 and busybox 1.35 drop it and exit with 0; gzip 1.12 drops it, warns, and exits with 2;
# Python 3.11 reads it.
#
# Seen on 2026-11-30 with Debian 12's packages. Needs apt-get and a Debian mirror with bookworm, python3 of Debian 12.
# Exits with status 1 if that has changed.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
apt-get download -q -q gzip/bookworm libarchive-tools/bookworm libarchive13/bookworm busybox-static/bookworm 2>/dev/null ||
  { echo "cannot download the packages of bookworm" >&2; exit 2; }
for package in *.deb; do dpkg -x "$package" root; done
export LD_LIBRARY_PATH="$folder/root/usr/lib/$(uname -m)-linux-gnu" LC_ALL=C
gzip=$folder/root/bin/gzip
{ echo first | "$gzip" -n; head -c 700 /dev/zero; echo second | "$gzip" -n; } >padded.gz

report() { # name, then the command
  name=$1
  shift
  code=0
  said=$("$@" <padded.gz 2>words | tr '\n' ' ') || true
  "$@" <padded.gz >/dev/null 2>words || code=$?
  echo "$name: $said, exit code $code, $(wc -l <words) lines on stderr"
}
{
  for package in gzip libarchive-tools busybox-static; do
    dpkg-deb --show --showformat '${Package} ${Version}\n' "$package"_*.deb | sed 's/ [0-9]*:/ /; s/-[^-]*$//'
  done
  report gzip "$gzip" -dc
  report bsdcat root/usr/bin/bsdcat
  report busybox root/bin/busybox zcat
  report Python python3 -c 'import gzip, sys; sys.stdout.buffer.write(gzip.open(sys.stdin.buffer).read())'
} >seen
cat >expected <<'EXPECTED'
gzip 1.12
libarchive-tools 3.6.2
busybox-static 1.35.0
gzip: first , exit code 2, 2 lines on stderr
bsdcat: first , exit code 0, 0 lines on stderr
busybox: first , exit code 0, 0 lines on stderr
Python: first second , exit code 0, 0 lines on stderr
EXPECTED
cat seen
diff expected seen
