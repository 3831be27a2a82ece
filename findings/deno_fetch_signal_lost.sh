#!/bin/sh
# Deno 2.7.11 and 2.9.6: the AbortSignal that was given to fetch no longer ends the body once the Response has been
# collected as garbage, though a reader of its body is still held and waits: the abort does nothing, and the read stays
# pending. While the Response is referenced the read is rejected with the signal's reason. Cancelling the reader works
# in both cases.
#
# Seen on 2026-11-30 on x86_64, against a server in the same process. Needs npm and 200 MB. Exits with status 1 if that
# has changed.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
cat >program.js <<'PROGRAM'
const start = (controller) => controller.enqueue(new Uint8Array(3));
const answer = () => new Response(new ReadableStream({ start }));
const { addr } = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, answer);
const aborter = new AbortController();
const ask = () => fetch(`http://127.0.0.1:${addr.port}/`, { signal: aborter.signal });
let response = await ask();
const reader = response.body.getReader();
await reader.read();
if (Deno.args[0] === "dropped") response = undefined;
for (let i = 0; i < 5; i++) {
  gc();
  await new Promise((resolve) => setTimeout(resolve, 20));
}
const rest = reader.read().then(({ done }) => (done ? "ended" : "bytes"), ({ message }) => `rejected: ${message}`);
aborter.abort(new Error("enough"));
const later = (value) => new Promise((resolve) => setTimeout(() => resolve(value), 2000));
const seen = await Promise.race([rest, later("pending")]);
await reader.cancel().catch(() => {});
console.log(seen, await Promise.race([rest, later("pending")]), response === undefined ? "dropped" : "kept");
Deno.exit();
PROGRAM
export DENO_DIR=$folder/cache NO_COLOR=1
for version in 2.7.11 2.9.6; do
  npm install --silent --no-save --ignore-scripts --prefix "$version" "@deno/linux-x64-glibc@$version"
  deno=$folder/$version/node_modules/@deno/linux-x64-glibc/deno
  "$deno" --version | head -n 1 | cut -d' ' -f1,2
  for response in kept dropped; do
    echo "$response: $("$deno" run -A --v8-flags=--expose-gc program.js "$response")"
  done
done >seen
cat >expected <<'EXPECTED'
deno 2.7.11
kept: rejected: enough rejected: enough kept
dropped: pending ended dropped
deno 2.9.6
kept: rejected: enough rejected: enough kept
dropped: pending ended dropped
EXPECTED
cat seen
diff expected seen
