#!/bin/sh
# QEMU: there is no URI of `migrate-incoming` with which every version reads the state of a machine from a regular
# file that is already open. 7.2 reads `fd:N` and does not know `file:`; 10.0 reads both; 11.1 rejects `fd:N` for
# a regular file ("fd: migration to a file is not supported. Use file: instead."), and reads `file:`.
#
# Seen on 2026-11-30 with Debian's packages: bookworm 7.2, trixie 10.0, sid 11.1. Needs root, mmdebstrap, a Debian
# mirror, 1.5 GB. Exits with status 1 if a version or what it does has changed.
set -eu
folder=$(mktemp -d)
trap 'rm -rf --one-file-system "$folder"' EXIT

cat >"$folder/ask.sh" <<'ASK'
cd /tmp
qemu() {
  qemu-system-x86_64 -machine q35 -m 16M -S -nodefaults -display none -qmp stdio "$@"
}
say() { # what to do: whether it was done, or why not
  printf '{"execute":"qmp_capabilities"}\n{"execute":"%s","arguments":{"uri":"%s"}}\n' "$1" "$2"
  sleep 3
  printf '{"execute":"query-migrate"}\n{"execute":"quit"}\n'
  sleep 1
}
answer() { grep -o '"status": "completed"\|"desc": "[^"]*"'; }
qemu-system-x86_64 --version | sed -n 's/.*version \([0-9]*\.[0-9]*\).*/QEMU \1/p'
say migrate 'exec:cat > state' | qemu | answer >/dev/null
for uri in fd:9 file:/tmp/state; do
  echo "$uri $(say migrate-incoming "$uri" | qemu -incoming defer 9<state | answer)"
done
ASK

for suite in bookworm trixie sid; do
  mmdebstrap --quiet --variant=minbase --include=qemu-system-x86 \
    --aptopt='Acquire::Check-Valid-Until "false"' "$suite" "$folder/root" >/dev/null 2>"$folder/log" ||
    { cat "$folder/log" >&2; exit 2; }
  cp "$folder/ask.sh" "$folder/root/tmp/ask.sh"
  chroot "$folder/root" sh /tmp/ask.sh
  rm -rf --one-file-system "$folder/root"
done >"$folder/seen"

cat >"$folder/expected" <<'EXPECTED'
QEMU 7.2
fd:9 "status": "completed"
file:/tmp/state "desc": "unknown migration protocol: file:/tmp/state"
QEMU 10.0
fd:9 "status": "completed"
file:/tmp/state "status": "completed"
QEMU 11.1
fd:9 "desc": "fd: migration to a file is not supported. Use file: instead."
file:/tmp/state "status": "completed"
EXPECTED
cat "$folder/seen"
diff "$folder/expected" "$folder/seen"
