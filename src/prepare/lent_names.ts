// Makes names resolve in the root while steps run, as in any machine (src/guest/hosts.ts): constant
// scripts for busybox's sh, which read what they need from the guest's own /etc/hosts.
//
// Nothing is mounted, so that steps can change or replace these files as on any system. Added lines
// are marked and removed again; a file that no step has changed is as it was, mtimes included.

/** Where the original state is recorded: in the root's /run, which is in memory. */
const NOTED = "/run/execvm/names";

/** The end of each added line. */
const MARK = "# execvm: while the image is prepared";

/** Runs a program in the root, so that its symlinks resolve there. */
const IN_ROOT = `
exec 2>/dev/null
/execvm/busybox mkdir -p /new${NOTED}
/execvm/busybox cp /etc/hosts /new${NOTED}/own
/execvm/busybox chroot /new /run/execvm/busybox sh -c "$1"
exit 0
`;

/** The guest's busybox, whatever programs the root has. */
const PROGRAMS = `
cd ${NOTED} || exit 0
for name in awk cat cmp cp grep mkdir readlink rm rmdir tail touch; do
  eval "$name() { /run/execvm/busybox $name \\"\\$@\\"; }"
done
`;

const LEND = String.raw`
# lend FILE: has the text of stdin there, and notes where that is and what was there
lend() {
  file=/etc/$1
  [ -d "$file" ] && return
  [ -e /etc ] || { mkdir /etc && : > made; }
  place=$(readlink -f "$file")
  if [ -z "$place" ]; then
    place=$file # a link that leads nowhere
    cp -a "$file" "$1.link" && rm "$file"
  elif [ -e "$place" ]; then
    cp -a "$place" "$1.kept"
  fi
  touch -r "${"${place%/*}"}/." stamp
  cat > "$1.lent"
  cat "$1.lent" > "$place" && echo "$place" > "$1.place"
  touch -r stamp "${"${place%/*}"}/."
}
hosts() {
  cat /etc/hosts
  [ -z "$(tail -c 1 /etc/hosts)" ] || echo
  awk -v mark="$mark" '
    function key(address, name) { return (address ~ /:/ ? 6 : 4) " " tolower(name) }
    BEGIN {
      while ((getline < "/etc/hosts") > 0) {
        sub(/#.*/, "")
        for (i = 2; i <= NF; i++) known[key($1, $i)] = 1
      }
    }
    {
      sub(/#.*/, "")
      for (i = 2; i <= NF; i++) if (!(key($1, $i) in known)) print $1 "\t" $i "\t" mark
    }
  ' own
}
rm -f hosts.* nsswitch.conf.* made stamp
hosts > text
lend hosts < text
# without it glibc takes the no of a name server for an answer
grep -q '[^[:space:]]' /etc/nsswitch.conf || echo "hosts: files dns $mark" | lend nsswitch.conf
`;

const TAKE_BACK = String.raw`
# restore FILE PLACE: as it was
restore() {
  touch -r "${"${2%/*}"}/." stamp
  if [ -e "$1.kept" ]; then
    cat "$1.kept" > "$2" && touch -r "$1.kept" "$2"
  else
    rm "$2"
    [ ! -L "$1.link" ] || cp -a "$1.link" "$2"
  fi
  touch -r stamp "${"${2%/*}"}/."
}
for file in hosts nsswitch.conf; do
  [ -e "$file.place" ] || continue
  place=$(cat "$file.place")
  if [ ! -L "$place" ] && cmp -s "$place" "$file.lent"; then
    restore "$file" "$place"
  elif grep -q "$mark" "/etc/$file"; then
    grep -v "$mark" "/etc/$file" > text
    cat text > "/etc/$file"
  fi
done
[ ! -e made ] || rmdir /etc
`;

const inRoot = (program: string): readonly string[] => [
  ...["/execvm/busybox", "sh", "-c", IN_ROOT, "sh"],
  `mark='${MARK}'${PROGRAMS}${program}`,
];

/** Runs before a step, in the guest. It never fails, because most programs need no names. */
export const LEND_NAMES = inRoot(LEND);

/** Runs after a step. */
export const TAKE_NAMES_BACK = inRoot(TAKE_BACK);
