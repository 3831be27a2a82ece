#!/bin/sh
# Debian's cloud kernels: modules.builtin does not list all that is built in. Linux 6.12 and 7.2 have unix built in
# (CONFIG_UNIX=y): it is not a module, but not in modules.builtin either, as the option can no longer be `m`, and the
# kernel's build lists there only what could have been a module, such as af_packet. Only the configuration shows it.
# In Debian 14 that is no longer /boot/config-V of linux-image-V, which is empty (it only depends on other packages),
# but /usr/lib/modules/V/config of linux-base-V; vmlinuz is in linux-binary-V.
#
# Seen on 2026-11-30: trixie 6.12, sid 7.2. Needs root, mmdebstrap and a Debian mirror. Exits with status 1 if that
# has changed.
set -eu
folder=$(mktemp -d)
trap 'rm -rf --one-file-system "$folder"' EXIT

cat >"$folder/look.sh" <<'LOOK'
set -e
cd /tmp
apt-get update -qq
image=$(apt-cache depends linux-image-cloud-amd64 | sed -n 's/.*Depends: \(linux-image-[0-9].*\)/\1/p')
version=${image#linux-image-}
echo "Linux $(echo "$version" | cut -d. -f1,2)"
for name in "$image" "linux-base-$version" "linux-binary-$version"; do
  apt-cache show "$name" >/dev/null 2>&1 || continue
  apt-get download -qq "$name"
  dpkg-deb --fsys-tarfile "$name"_*.deb >files.tar
  part=$(echo "$name" | sed "s/-$version//")
  tar -tf files.tar | sed "s/$version/V/g" | grep -E '/(vmlinuz|config|modules\.builtin)(-V)?$' >names || true
  if [ -s names ]; then sed "s/^/$part has /" names; else echo "$part has nothing of it"; fi
  tar -xf files.tar
done
for name in unix af_packet; do
  if [ -n "$(find . -name "$name.ko*")" ]; then echo "$name is a module"
  elif grep -q "/$name\.ko" $(find . -name modules.builtin); then echo "$name is in modules.builtin"
  else echo "$name is neither a module nor in modules.builtin"; fi
done
grep -hE '^CONFIG_UNIX=' $(find . -type f \( -name config -o -name 'config-*' \))
LOOK

for suite in trixie sid; do
  mmdebstrap --quiet --variant=apt --aptopt='Acquire::Check-Valid-Until "false"' \
    "$suite" "$folder/root" >/dev/null 2>"$folder/log" || { cat "$folder/log" >&2; exit 2; }
  cp "$folder/look.sh" "$folder/root/tmp/look.sh"
  chroot "$folder/root" sh /tmp/look.sh 2>"$folder/log" || { cat "$folder/log" >&2; exit 2; }
  rm -rf --one-file-system "$folder/root"
done >"$folder/seen"

cat >"$folder/expected" <<'EXPECTED'
Linux 6.12
linux-image has ./boot/config-V
linux-image has ./boot/vmlinuz-V
linux-image has ./usr/lib/modules/V/modules.builtin
unix is neither a module nor in modules.builtin
af_packet is in modules.builtin
CONFIG_UNIX=y
Linux 7.2
linux-image has nothing of it
linux-base has ./usr/lib/modules/V/config
linux-base has ./usr/lib/modules/V/modules.builtin
linux-binary has ./usr/lib/modules/V/vmlinuz
unix is neither a module nor in modules.builtin
af_packet is in modules.builtin
CONFIG_UNIX=y
EXPECTED
cat "$folder/seen"
diff "$folder/expected" "$folder/seen"
