import assert from "node:assert/strict";
import { cmd, each, local, type RunEvent } from "../../../mod.ts";
import { ItemCount } from "../../../src/observe/live_items.ts";
import { EXECVM, execvm } from "../../support/cli.ts";
import { tempDir } from "../../support/temp_dir.ts";

function sh(script: string) {
  return cmd("sh", "-c", script);
}

Deno.test("pipe runs a fan-out: outputs in order, and items do not read our stdin", async () => {
  const fan = each(["sleep 0.3; echo a; cat", "echo b; cat"], sh, { concurrency: 2 });
  using folder = tempDir();
  const name = `${folder.path}/fan.json`;
  Deno.writeTextFileSync(name, JSON.stringify(fan));
  const run = await execvm(["pipe", name], { stdin: "ours" });
  assert.deepEqual(run, { code: 0, stdout: "a\nb\n", stderr: "" });
});

Deno.test("pipe of a fan-out exits with the code of the first failed item, and names all failed ones", async () => {
  const fan = each(["exit 0", "exit 3", "exit 4"], sh);
  const { code, stdout, stderr } = await execvm(["pipe", "-"], { stdin: JSON.stringify(fan) });
  assert.deepEqual([code, stdout], [3, ""]);
  assert.equal(
    stderr,
    'execvm: 2 of 3 items failed: item 1 ("exit 3"): "sh" (local) exited with code 3; ' +
      'item 2 ("exit 4"): "sh" (local) exited with code 4\n',
  );
});

Deno.test("pipe of a fan-out exits with 125 if the machinery fails", async () => {
  const fan = each(
    ["a"],
    (name) => cmd("true").to({ sink: { type: "file", name: `/no/${name}` } }),
  );
  const { code, stderr } = await execvm(["pipe", "-"], { stdin: JSON.stringify(fan) });
  assert.equal(code, 125);
  assert.match(stderr, /^execvm: 1 of 1 items failed: item 0 \("a"\): cannot write [^\n]+\n$/);
});

Deno.test("plan shows a fan-out without starting it", async () => {
  const fan = each(["/no/such"], (name) => cmd("cat", name), { concurrency: 2 });
  const { code, stdout } = await execvm(["plan", "-"], {
    stdin: JSON.stringify(fan.pipe(cmd("sort"))),
  });
  assert.equal(code, 0);
  assert.equal(
    stdout,
    [
      "each(1 items, 2 at once)",
      "  0: empty()",
      "       | null",
      "     local: cat /no/such",
      "       | stream",
      "     the output of the item",
      "  | stream",
      "local: sort",
      "  | inherit",
      "stdout()\n",
    ].join("\n"),
  );
});

Deno.test("the progress line counts the items that are done, failed and running", () => {
  const count = new ItemCount();
  const push = (index: number, attempt: number, event: object) =>
    count.push({ type: "item", index, of: 4, attempt, event } as RunEvent);
  push(0, 1, { type: "begin" });
  push(1, 1, { type: "begin" });
  assert.equal(`${count}`, "0 of 4 done, 2 running");
  push(0, 1, { type: "settled", status: "succeeded" });
  push(1, 1, { type: "start", stage: 0, argv: [] });
  push(1, 2, { type: "begin" });
  assert.equal(`${count}`, "1 of 4 done, 1 running");
  push(1, 2, { type: "settled", status: "failed" });
  push(2, 0, { type: "settled", status: "skipped" });
  assert.equal(`${count}`, "3 of 4 done, 1 failed, 0 running");
});

/** The count of items, and the stage of the first one. */
const VIEW = /0 of 2 done, 1 running \(\d+ s\)[^\n]*\r\nlocal +running .* 0: sh -c/;

Deno.test("items are counted and shown on a terminal, and removed at the end", async () => {
  using folder = tempDir();
  const name = `${folder.path}/fan.json`;
  const gate = `${folder.path}/gate`;
  const wait = (script: string) => sh(`${script}; while [ ! -e '${gate}' ]; do sleep 0.05; done`);
  Deno.writeTextFileSync(name, JSON.stringify(each(["true", "true"], wait, { concurrency: 1 })));
  const script = 'out=$1; shift; exec "$@" > "$out"';
  const command = [
    "sh",
    "-c",
    script,
    "sh",
    `${folder.path}/out`,
    ...EXECVM,
    "pipe",
    name,
  ] as const;
  const screen = local({ tty: true }).cmd(...command).env({ TERM: "xterm", NO_COLOR: "1" });
  let shown = "";
  const sink = new WritableStream<Uint8Array>({
    write(chunk) {
      shown += new TextDecoder().decode(chunk);
      if (VIEW.test(shown)) Deno.writeTextFileSync(gate, "");
    },
  });
  await screen.to({ sink: { type: "stream", writable: sink } }).run();
  assert.match(shown, VIEW);
  assert.ok(shown.endsWith("\x1b[J"), JSON.stringify(shown));
});
