// Builds an image: reads a tar archive of the context and returns the image's id.

import { StderrTail, writeStderr } from "../../host/stderr_tail.ts";
import { makeTempFolder } from "../../host/temp_folder.ts";
import { type EndWriter, openEdge, readUntil, toWriter } from "../../io/edges.ts";
import type { DockerBuildNode } from "../../model/nodes.ts";
import { exitCode } from "../../model/outcome.ts";
import { startTool } from "../local/host_process.ts";
import { buildArgv } from "./build_argv.ts";

type Bytes = Uint8Array;

/** A running build. Disposing it ends the build; a second time it does nothing. */
interface Build extends AsyncDisposable {
  /** Writes the context. */
  readonly context: EndWriter;
  /** The id of the image. Rejects with the last lines of output if the build fails. */
  readonly id: Promise<string>;
}

/**
 * Returns a transform from a tar archive of the context to the id of the image and a newline.
 * Aborting its input or cancelling its output ends the build.
 */
export function buildImage(node: DockerBuildNode): ReadableWritablePair<Bytes, Bytes> {
  const building = start(node);
  building.catch(() => {}); // the reader gets the error
  const giveUp = async () => await (await building)[Symbol.asyncDispose]();
  const writable = new WritableStream<Bytes>({
    async write(chunk) {
      const { context, id } = await building;
      if (!await context.write(chunk)) await id; // failed, or needs no more
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

/** Makes a folder that is removed when `owner` is disposed or this process is killed. */
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
