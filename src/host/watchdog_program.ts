// The shell program of the watchdog: waits until this process ends, then kills and removes
// everything that is still on the list, whose lines watchdog_list.ts writes.
//
// `sh -c PROGRAM sh log`: stdin ends with us, stdout is the list to read; `file PATH`: stdin ends
// with us, the list is that file, or comes over stdin if the file cannot be opened.

/** A constant program: nothing is ever interpolated into it. */
export const WATCHDOG_PROGRAM = `
trap '' HUP INT QUIT TERM USR1 USR2
set -f
list=' '
replay() {
  while read -r line; do
    item=\${line#?}
    case $line in
      +*) list="$list$item " ;;
      -*) case $list in *" $item "*) list="\${list%%" $item "*} \${list#*" $item "}" ;; esac ;;
    esac
  done
}
if [ "$1" = file ]; then
  read -r line
  if [ -f "$2" ]; then exec 3<"$2"; else exec 3</dev/null; fi
  rm -f -- "$2"
fi
replay
case $1 in
  log) replay <&1 ;;
  file) replay <&3 ;;
esac
tree() {
  kill -STOP "$1"
  set +f
  for child in $(cat "/proc/$1/task/"*/children); do tree "$child"; done
  set -f
  kill -KILL "$1"
}
marked() {
  for round in 1 2 3 4 5; do
    set +f
    found=$(grep -ls "$2" /proc/[0-9]*/"$1")
    set -f
    if [ -z "$found" ]; then break; fi
    for file in $found; do
      file=\${file#/proc/}
      kill -KILL "\${file%%/*}"
    done
  done
}
for item in $list; do
  case $item in
    m*) marked limits "^Max file locks  *\${item#m} " ;;
    v*) marked environ "EXECVM_MARK=\${item#v}" ;;
    g*) kill -KILL "-\${item#g}" ;;
    p*) tree "\${item#p}" ;;
  esac
done
run() {
  IFS=,
  set -- $1
  unset IFS
  for word; do
    shift
    word=$(printf '%b.' "$word")
    set -- "$@" "\${word%.}"
  done
  for pause in 1 2 0; do
    "$@"
    sleep "$pause"
  done
}
empty() {
  path=$(printf '%b.' "$1")
  path=\${path%.}
  for pause in 0 1 1 2 4 8 15 30; do
    sleep "$pause"
    rmdir -- "$path"
    if [ ! -d "$path" ]; then break; fi
  done
}
for item in $list; do
  case $item in
    e*) empty "\${item#e}" </dev/null >/dev/null & ;;
    x*) run "\${item#x}" </dev/null >/dev/null & ;;
  esac
done
for item in $list; do
  case $item in
    f*) path=$(printf '%b.' "\${item#f}"); rm -rf -- "\${path%.}" ;;
  esac
done
`;
