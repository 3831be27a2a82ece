#!/bin/sh
# Deno 2.7.11: DENO_V8_FLAGS has no effect on a program made by `deno compile`, while `deno run` obeys it. V8's flags
# can only be set at compile time (--v8-flags). Such a program does not even reject a flag that V8 does not have.
#
# Seen on 2026-11-30 on x86_64. denort, the runtime of compiled programs, is not an npm package: it is the first
# 97,076,048 bytes of a program in @stdy/cli-linux-x64@0.22.2, which was compiled by that Deno. Needs npm and 250 MB.
# Exits with status 1 if that has changed.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --no-save --ignore-scripts --prefix . @deno/linux-x64-glibc@2.7.11 @stdy/cli-linux-x64@0.22.2
deno=$folder/node_modules/@deno/linux-x64-glibc/deno
head -c 97076048 node_modules/@stdy/cli-linux-x64/bin/steady >denort
echo 'f12d5d3886d5ea138304fb8d67d7396cfbedf53656676132152cb89f3fa4d8e6  denort' | sha256sum --check --quiet
chmod +x denort
export DENO_DIR=$folder/deno NO_COLOR=1 DENORT_BIN=$folder/denort
echo 'console.log(typeof gc)' >program.js
"$deno" compile --quiet --output plain program.js
"$deno" compile --quiet --v8-flags=--expose-gc --output flagged program.js

{
  "$deno" --version | head -n 1 | cut -d' ' -f1,2
  echo "deno run: $(DENO_V8_FLAGS=--expose-gc "$deno" run program.js)"
  echo "compiled: $(DENO_V8_FLAGS=--expose-gc ./plain)"
  echo "compiled, no such flag: $(DENO_V8_FLAGS=--no-such-flag ./plain 2>&1)"
  echo "compiled with --v8-flags: $(./flagged)"
} >seen
cat >expected <<'EXPECTED'
deno 2.7.11
deno run: function
compiled: undefined
compiled, no such flag: undefined
compiled with --v8-flags: function
EXPECTED
cat seen
diff expected seen
