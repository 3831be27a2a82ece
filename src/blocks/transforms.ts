// The transforms: stages that run in this process.

import type { DockerBuildOptions, TransformNode } from "../model/nodes.ts";
import { Pipeline } from "./pipeline.ts";

/**
 * Returns a stage that compresses with gzip. Equal input gives equal output.
 *
 * @example
 * ```ts
 * import { cmd, gzip } from "@execvm/execvm";
 *
 * await cmd("cat", "README.md").pipe(gzip()).bytes();
 * ```
 */
export function gzip(): Pipeline<"open", "open"> {
  return transform({ type: "gzip" });
}

/**
 * Returns a stage that decompresses gzip of one or more members. Any other input fails the stage.
 *
 * @example
 * ```ts
 * import { gunzip, gzip, text } from "@execvm/execvm";
 *
 * await text("hello").pipe(gzip()).pipe(gunzip()).text(); // "hello"
 * ```
 */
export function gunzip(): Pipeline<"open", "open"> {
  return transform({ type: "gunzip" });
}

/**
 * Returns a stage that turns a tar archive into a newc cpio archive, the format of Linux initrds.
 *
 * @example
 * ```ts
 * import { cpio, gzip, tar } from "@execvm/execvm";
 *
 * const initrd = tar("src/blocks").pipe(cpio()).pipe(gzip());
 * await initrd.bytes();
 * ```
 */
export function cpio(): Pipeline<"open", "open"> {
  return transform({ type: "cpio" });
}

/**
 * Returns a stage that builds a Docker image from a tar archive of its context and outputs the
 * image's id and a newline. The build's log goes to the stderr of this process; if the build fails,
 * the error ends with its last lines.
 *
 * @param options how the image is built
 * @throws {TypeError} if an option is unknown or has an invalid value.
 *
 * @example
 * ```ts
 * import { dockerBuild, tar } from "@execvm/execvm";
 *
 * async function example(): Promise<void> {
 *   const id = await tar(".", { directory: "image" }).pipe(dockerBuild({ tag: "demo" })).text();
 * }
 * ```
 */
export function dockerBuild(options: DockerBuildOptions = {}): Pipeline<"open", "open"> {
  const given: Readonly<Record<string, unknown>> = { ...options };
  const names = Object.keys({ ...OPTION_TYPES, ...options }).filter((name) =>
    given[name] !== undefined
  );
  for (const name of names) requireOption(name, given[name]);
  const inOrder = Object.fromEntries(names.map((name) => [name, given[name]]));
  return transform({ type: "dockerBuild", ...inOrder });
}

/** The type of each option, in the order of the JSON form. Docker checks the values. */
const OPTION_TYPES: Readonly<Record<keyof DockerBuildOptions, string>> = {
  tag: "string",
  file: "string",
  target: "string",
  args: "object",
  network: "string",
  platform: "string",
  buildkit: "boolean",
  binary: "string",
};

function requireOption(name: string, value: unknown): void {
  const wanted = (OPTION_TYPES as Readonly<Record<string, string>>)[name];
  const values = name === "args" ? Object.values(Object(value)) : [];
  const isRight = typeof value === wanted && value !== "" && value !== null &&
    values.every((each) => typeof each === "string");
  if (isRight) return;
  throw new TypeError(`cannot build an image with ${name} ${JSON.stringify(value)}`);
}

function transform(node: TransformNode): Pipeline<"open", "open"> {
  return new Pipeline({ stages: [node] }, "open", "open");
}
