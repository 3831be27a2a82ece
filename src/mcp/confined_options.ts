// Confines the paths of this machine among the options of a client's runner to the folder of
// clients. A value that the policy names stays as it is.

import { listKernels } from "../kernels/find.ts";
import { COPY_OPTION_NAMES } from "../model/copy_options.ts";
import type { Json } from "../model/nodes.ts";
import type { HostPaths } from "../runners/contract/option_spec.ts";
import { runnerType } from "../runners/mod.ts";
import { clientRoot } from "./client_root.ts";
import { readablePath, writablePath } from "./confined_path.ts";
import { grantedOptions, type Policy, Refusal } from "./policy.ts";

type Options = { readonly [name: string]: Json };

/**
 * Returns the options with real paths below the folder of clients, for those that the policy lets
 * clients set to any value.
 *
 * @throws {Refusal} if a path is not below that folder, or there is none, or it is a program.
 */
export async function confineOptions<Given extends Options>(
  kind: string,
  options: Given,
  policy: Policy,
): Promise<Given> {
  const confined: Record<string, Json> = {};
  for (const [name, value] of Object.entries(options)) {
    const asked = { value, policy };
    const isNamed = isFixed(kind, name, asked);
    confined[name] = isNamed ? value : await confineOption(kind, name, asked);
  }
  return confined as Given;
}

/** A value of an option, and the policy. */
interface Asked {
  readonly value: Json;
  readonly policy: Policy;
}

function isFixed(kind: string, name: string, { value, policy }: Asked): boolean {
  return grantedOptions(kind, policy).some((option) =>
    option.name === name && option.value !== undefined && option.value === String(value)
  );
}

async function confineOption(kind: string, name: string, asked: Asked): Promise<Json> {
  const { value, policy } = asked;
  const spec = runnerType(kind)?.options[name];
  if (spec?.type === "runner") return await confineInner(value, policy);
  if (kind === "vm" && name === "console" && value === "-") return value; // our stderr
  if (kind === "vm" && typeof value === "string") {
    if (name === "root") return await clientRoot(value, policy);
    const kernel = name === "kernel" ? await kernelOfCache(value) : undefined;
    if (kernel !== undefined) return kernel;
  }
  if (spec?.hostPaths === undefined) return value;
  if (spec.hostPaths.use === "run") {
    throw new Refusal(
      `cannot use ${JSON.stringify(value)} as ${name} of ${kind}: ` +
        "clients may use only programs that the server names",
    );
  }
  return await confineValue(spec.hostPaths, asked);
}

/** Confines what a runner inside copies from this machine; its other paths are of the remote host. */
async function confineInner(form: Json, policy: Policy): Promise<Json> {
  const { type, ...options } = form as Options;
  const specs = runnerType(String(type))?.options;
  const confined: Record<string, Json> = { type: type! };
  for (const [name, value] of Object.entries(options)) {
    const spec = specs?.[name];
    const isCopied = COPY_OPTION_NAMES.some((copy) => copy === name);
    if (spec?.type === "runner") confined[name] = await confineInner(value, policy);
    else if (!isCopied || spec?.hostPaths === undefined) confined[name] = value;
    else confined[name] = await confineValue(spec.hostPaths, { value, policy });
  }
  return confined;
}

async function confineValue({ use, of }: HostPaths, { value, policy }: Asked): Promise<Json> {
  const confine = async (path: Json) => {
    if (typeof path !== "string") return path; // the content of a file
    return await (use === "write" ? writablePath : readablePath)(path, policy);
  };
  if (typeof value !== "object" || value === null) return await confine(value);
  const confined: Record<string, Json> = {};
  for (const [key, entry] of Object.entries(value)) {
    if (of !== "keys") confined[key] = await confine(entry as Json);
    else {
      const path = String(await confine(key));
      if (Object.hasOwn(confined, path)) {
        throw new Refusal(`cannot use ${JSON.stringify(key)}: another path is the same file`);
      }
      confined[path] = entry as Json;
    }
  }
  return confined;
}

/** Returns the path of a kernel of the cache, by that, its name or its release. */
async function kernelOfCache(name: string): Promise<string | undefined> {
  const known = await listKernels();
  const found = known.find(({ image, id, version }) => [image, id, version].includes(name));
  return found?.image;
}
