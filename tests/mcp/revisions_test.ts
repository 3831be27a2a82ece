// Tests `execvm mcp` with the clients of both versions of the official SDK: one of 2025-11-25, and
// one that accepts only 2026-07-28.

import assert from "node:assert/strict";
import { eventually } from "../support/eventually.ts";
import { connectMcp, type ProgressSeen, REVISIONS } from "../support/mcp_client.ts";
import { MARK_VARIABLE, newMark, processesWith } from "../support/processes.ts";
import { tempDir } from "../support/temp_dir.ts";

/** How long something may take, in milliseconds: generous, as machines may be busy. */
const LIMIT_MS = 240_000;

const local = (...args: string[]) => ({
  type: "command",
  args,
  env: {},
  runner: { type: "local" },
});

/** A command that makes a file, and runs until it is ended. */
const lasting = (started: string) => local("sh", "-c", 'echo > "$0"; exec sleep 1000', started);

const exists = (path: string) => Deno.stat(path).then(() => true, () => false);

for (const revision of REVISIONS) {
  const connect = (options: readonly string[] = [], env: Record<string, string> = {}) =>
    connectMcp(["--allow-runner", "local", ...options], env, revision);

  Deno.test(`mcp serves its tools to a client of ${revision}`, async () => {
    await using server = await connect();
    const names = (await server.tools()).map(({ name }) => name);
    assert.deepEqual(names, [
      "plan_pipeline",
      "run_pipeline",
      "run_code",
      "list_images",
      "list_runners",
    ]);
    const { data } = await server.call("run_pipeline", { pipeline: local("echo", "hi") });
    assert.deepEqual([data.ok, data.stdout], [true, "hi\n"]);
    const refused = await server.call("run_pipeline", { pipeline: { type: "stdin" } });
    assert.ok(refused.isError);
    assert.match(refused.text, /^cannot [^\n]+$/);
    await assert.rejects(server.call("bake", {}), /there is no tool "bake"/);
  });

  Deno.test(`mcp sends progress to a client of ${revision} that asks for it`, async () => {
    using folder = tempDir();
    await using server = await connect();
    const go = `${folder.path}/go`;
    const wait = local("sh", "-c", 'until [ -e "$0" ]; do sleep 0.05; done; cat', go);
    const seen: ProgressSeen[] = [];
    const onprogress = (progress: ProgressSeen) => {
      seen.push(progress);
      Deno.writeTextFileSync(go, ""); // a response in the same chunk would hide it
    };
    const pipeline = { type: "text", text: "a", output: wait };
    assert.ok((await server.call("run_pipeline", { pipeline }, { onprogress })).data.ok);
    assert.equal(seen[0]!.message, "starting");
    assert.deepEqual(seen.map(({ progress }) => progress), seen.map((_, index) => index + 1));
    assert.ok((await server.call("run_pipeline", { pipeline })).data.ok);
  });

  Deno.test(`mcp lets calls of a client of ${revision} wait for a run to end`, async () => {
    using folder = tempDir();
    await using server = await connect(["--max-runs", "1", "--max-queue", "1"]);
    const cancel = new AbortController();
    const started = `${folder.path}/started`;
    const first = server.call("run_pipeline", { pipeline: lasting(started) }, {
      signal: cancel.signal,
    });
    first.catch(() => {});
    await eventually(() => exists(started), (there) => there, LIMIT_MS);

    const waiting = Promise.withResolvers<ProgressSeen>();
    const second = server.call("run_pipeline", { pipeline: local("echo", "hi") }, {
      onprogress: waiting.resolve,
    });
    assert.equal((await waiting.promise).message, "waiting for a run to end: next");
    const third = await server.call("run_pipeline", { pipeline: local("true") });
    assert.match(third.text, /^cannot run this now: 1 run and 1 wait: call again later$/);
    const wrong = await server.call("run_pipeline", { pipeline: { type: "stdin" } });
    assert.match(wrong.text, /^cannot use the source stdin/); // at once, without waiting

    cancel.abort();
    await assert.rejects(first);
    assert.equal((await second).data.stdout, "hi\n");
  });

  Deno.test(`mcp drops a call of a client of ${revision} that is cancelled while it waits`, async () => {
    using folder = tempDir();
    await using server = await connect(["--max-runs", "1", "--max-queue", "1"]);
    const [running, waiting] = [new AbortController(), new AbortController()];
    const [started, never] = [`${folder.path}/started`, `${folder.path}/never`];
    const first = server.call("run_pipeline", { pipeline: lasting(started) }, {
      signal: running.signal,
    });
    first.catch(() => {});
    await eventually(() => exists(started), (there) => there, LIMIT_MS);
    const queued = Promise.withResolvers<ProgressSeen>();
    const second = server.call("run_pipeline", { pipeline: local("touch", never) }, {
      signal: waiting.signal,
      onprogress: queued.resolve,
    });
    second.catch(() => {});
    await queued.promise;
    waiting.abort();
    await assert.rejects(second);
    running.abort();
    await assert.rejects(first);
    assert.ok((await server.call("run_pipeline", { pipeline: local("true") })).data.ok);
    assert.equal(await exists(never), false);
  });

  Deno.test(`mcp ends what runs and waits when a client of ${revision} is gone, and no other`, async () => {
    using folder = tempDir();
    const [mark, other] = [newMark(), newMark()];
    const [started, too] = [`${folder.path}/started`, `${folder.path}/too`];
    await using stays = await connect([], { [MARK_VARIABLE]: other });
    const kept = new AbortController();
    const run = stays.call("run_pipeline", { pipeline: lasting(too) }, { signal: kept.signal });
    run.catch(() => {});
    {
      await using server = await connect(["--max-runs", "1"], { [MARK_VARIABLE]: mark });
      const calls = [started, `${folder.path}/never`].map((file) =>
        server.call("run_pipeline", { pipeline: lasting(file) })
      );
      for (const call of calls) call.catch(() => {});
      await eventually(() => exists(started), (there) => there, LIMIT_MS);
    }
    await eventually(() => processesWith(mark), ({ length }) => length === 0, LIMIT_MS);
    assert.equal(await exists(`${folder.path}/never`), false);
    await eventually(() => exists(too), (there) => there, LIMIT_MS);
    assert.notEqual((await processesWith(other)).length, 0);
    kept.abort();
    await assert.rejects(run);
  });
}
