// Passes files through a remote host to the runner inside, whose execvm copies them on. Pure.

import {
  type CopiedFile,
  copiesIn,
  type CopyOptions,
  MAX_OUTPUTS_BYTES,
} from "../../model/copy_options.ts";
import type { Json } from "../../model/nodes.ts";

type JsonObject = { readonly [name: string]: Json };

/** What a runner copies that has another one inside, and the form of that for the remote host. */
export interface PassedOn {
  readonly copies: CopyOptions | undefined;
  /** The JSON form of the inner runner, with paths on the remote host. */
  readonly inner: Json | undefined;
}

/**
 * Makes the paths that an inner runner copies names in the private folder of the run, and has the
 * outer one copy these.
 *
 * @param inner the JSON form of the inner runner
 */
export function passOn(own: CopyOptions, inner: Json | undefined): PassedOn {
  if (inner === undefined) return { copies: copiesIn(own), inner };
  const names = new Names();
  const form = names.rename(inner as JsonObject);
  const outputsAlways = own.outputsAlways === true || names.always;
  const maxOutputsBytes = Math.min(limitOf(own) + names.maxBytes, Number.MAX_SAFE_INTEGER);
  return {
    copies: copiesIn({
      files: { ...own.files, ...names.files },
      outputs: { ...own.outputs, ...names.outputs },
      outputsAlways,
      maxOutputsBytes,
    }),
    inner: form,
  };
}

/** Returns the limit on the outputs of one level; 0 if it has none. */
function limitOf({ outputs = {}, maxOutputsBytes = MAX_OUTPUTS_BYTES }: CopyOptions): number {
  return Object.keys(outputs).length === 0 ? 0 : maxOutputsBytes;
}

/** Gives paths new names, through all levels of runners. */
class Names {
  readonly files: Record<string, CopiedFile> = {};
  readonly outputs: Record<string, string> = {};
  always = false;
  maxBytes = 0;
  #count = 0;

  rename(form: JsonObject): JsonObject {
    const { files, outputs, outputsAlways, inner } = form;
    if (outputsAlways === true) this.always = true;
    this.maxBytes += limitOf(form as CopyOptions);
    return {
      ...form,
      ...(files !== undefined && { files: this.#renameAll(files, this.files) }),
      ...(outputs !== undefined && { outputs: this.#renameAll(outputs, this.outputs) }),
      ...(inner !== undefined && { inner: this.rename(inner as JsonObject) }),
    };
  }

  #renameAll<T>(paths: Json, renamed: Record<string, T>): JsonObject {
    return Object.fromEntries(
      Object.entries(paths as { readonly [path: string]: T }).map(([path, host]) => {
        const name = `.execvm-copy-${this.#count++}`;
        renamed[name] = host;
        return [path, name];
      }),
    );
  }
}
