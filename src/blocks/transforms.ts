// Transforms: stages that run in this process, on whatever computer.

import type { DockerBuildOptions, TransformNode } from "../model/nodes.ts";
import { Pipeline } from "./pipeline.ts";

/** Compresses with gzip. The same input gives the same bytes. */
export function gzip(): Pipeline<"open", "open"> {
  return transform({ type: "gzip" });
}

/** Decompresses gzip, of one or more members. Anything else makes the stage fail. */
export function gunzip(): Pipeline<"open", "open"> {
  return transform({ type: "gunzip" });
}

/** Turns a tar archive into a newc cpio archive, as the kernel wants it for an initrd. */
export function cpio(): Pipeline<"open", "open"> {
  return transform({ type: "cpio" });
}

/**
 * Builds an image with Docker out of a tar archive of its context, and gives its id and a newline. What the
 * build prints goes to our stderr; if it fails, its last lines are those of the error.
 *
 * @throws {TypeError} if an option is not what it should be.
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

/** What an option must be, in the order of the JSON form; Docker judges what is in it. */
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
  throw new TypeError(`Cannot build an image with ${name} ${JSON.stringify(value)}`);
}

function transform(node: TransformNode): Pipeline<"open", "open"> {
  return new Pipeline({ stages: [node] }, "open", "open");
}
