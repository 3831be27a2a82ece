// Chooses kernels of the cache by name, and removes them.

import { killWithUs } from "../host/watchdog.ts";
import { messageOf } from "../model/errors.ts";
import { kernelsDir } from "./default.ts";
import { findKernel, inspectKernels, type Kernel } from "./find.ts";

/**
 * Returns the kernel of the cache with this name: its path, its id or the start of that, or its
 * release.
 *
 * @param action the verb for the error, such as `use`
 * @throws {TypeError} if there is none, or more than one.
 */
export async function chooseKernel(action: string, name: string): Promise<Kernel> {
  const { kernels } = await inspectKernels();
  const exact = kernels.find(({ id, image }) => id === name || image === name);
  const found = exact !== undefined
    ? [exact]
    : kernels.filter(({ id, version }) => version === name || name !== "" && id.startsWith(name));
  if (found.length === 1) return found[0]!;
  const fact = found.length === 0
    ? "there is no such kernel in the cache (execvm kernel list)"
    : `there are ${found.length}, name one of them: ${found.map(({ id }) => id).join(", ")}`;
  throw new TypeError(`cannot ${action} the kernel ${JSON.stringify(name)}: ${fact}`);
}

/**
 * Removes a kernel from the cache. Machines that run it go on.
 *
 * @throws {TypeError} if it is the default and there are others for its architecture.
 * @throws {Error} if the cache cannot be written.
 */
export async function removeKernel({ id, arch }: Kernel): Promise<void> {
  const others = (await inspectKernels()).kernels.filter((each) =>
    each.arch === arch && each.id !== id
  );
  if (others.length > 0 && (await findKernel(arch))?.id === id) {
    const advice = `use another one first: execvm kernel use ${others[0]!.id}`;
    throw new TypeError(`cannot remove the kernel ${id}: it is the default: ${advice}`);
  }
  const aside = `${kernelsDir()}/.old-${crypto.randomUUID()}`;
  using _cleanup = killWithUs({ path: aside });
  try {
    await Deno.rename(`${kernelsDir()}/${id}`, aside);
    await Deno.remove(aside, { recursive: true });
  } catch (error) {
    throw new Error(`cannot remove the kernel ${id}: ${messageOf(error)}`, { cause: error });
  }
}
