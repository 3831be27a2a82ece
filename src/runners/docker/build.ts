// Building an image: a tar archive of its context goes in, its id comes out.

import { StderrTail, writeStderr } from "../../host/stderr_tail.ts";
import { makeTempFolder } from "../../host/temp_folder.ts";
import { type EndWriter, openEdge, readUntil, toWriter } from "../../io/edges.ts";
import type { DockerBuildNode } from "../../model/nodes.ts";
import { exitCode } from "../../model/outcome.ts";
import { startTool } from "../local/host_process.ts";
import { buildArgv } from "./build_argv.ts";

type Bytes = Uint8Array;

/** A build that runs. Disposing it ends it; again, nothing. */
interface Build extends AsyncDisposable {
  /** Takes the context. */
  readonly context: EndWriter;
  /** The id of the image. Rejects if the build fails, with its last lines. */
  readonly id: Promise<string>;
}

/** A transform that builds. If either side gives up the build is ended. */
export function buildImage(node: DockerBuildNode): ReadableWritablePair<Bytes, Bytes> {
  const building = start(node);
  building.catch(() => {}); // whoever reads is told
  const giveUp = async () => await (await building)[Symbol.asyncDispose]();
  const writable = new WritableStream<Bytes>({
    async write(chunk) {
      const { context, id } = await building;
      if (!await context.write(chunk)) await id; // it failed, and says why; or it needs no more
    },
    close: async () => await (await building).context.close(),
    abort: giveUp,
  });
  const readable = new ReadableStream<Bytes>({
    async pull(controller) {
      const id = await finish(building);
      controller.enqueue(new TextEncoder().encode(`${id}\n`));
      controller.close();
    },
    cancel: giveUp,
  }, { highWaterMark: 0 });
  return { readable, writable };
}

async function finish(building: Promise<Build>): Promise<string> {
  await using build = await building;
  return await build.id;
}

async function start(node: DockerBuildNode): Promise<Build> {
  await using owned = new AsyncDisposableStack();
  const idFile = `${scratchFolder(owned)}/id`;
  const [stdin, stdout, stderr] = [openEdge(), openEdge(), openEdge()];
  const context = toWriter(stdin.write, Deno.stdout);
  owned.defer(() => context.close());
  const env: Readonly<Record<string, string>> = node.buildkit === undefined
    ? {}
    : { DOCKER_BUILDKIT: node.buildkit ? "1" : "0" };
  const docker = owned.use(
    await startTool(
      { runner: "docker", argv: buildArgv(node, idFile), env, cwd: undefined },
      { stdin: stdin.read, stdout: stdout.write, stderr: stderr.write },
    ),
  );
  const tail = new StderrTail();
  const ended = docker.exited.then(() => {});
  const shown = Promise.all([stdout, stderr].map(({ read }) => show(readUntil(read, ended), tail)));
  const id = docker.exited.then(async (status) => {
    await shown;
    if (exitCode(status) !== 0) throw new Error(tail.toString().trimEnd());
    return await Deno.readTextFile(idFile);
  });
  owned.defer(() => id.then(() => {}, () => {}));
  owned.defer(() => docker.kill("SIGTERM"));
  const kept = owned.move();
  return { context, id, [Symbol.asyncDispose]: () => kept.disposeAsync() };
}

/** A folder that is removed with `owner`, or when we are killed. */
function scratchFolder(owner: AsyncDisposableStack): string {
  const { path: folder, cleanup } = makeTempFolder({ prefix: "execvm-build-" });
  owner.use(cleanup);
  owner.defer(() => Deno.remove(folder, { recursive: true }));
  return folder;
}

async function show(output: ReadableStream<Bytes>, tail: StderrTail): Promise<void> {
  for await (const chunk of output) {
    tail.push(chunk);
    await writeStderr(chunk);
  }
}
