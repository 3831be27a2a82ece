// Resolves the root that a client names for its machines.

import { messageOf } from "../model/errors.ts";
import { SCHEME } from "../prepare/base_image.ts";
import { chooseImage } from "../prepare/choose_image.ts";
import { readablePath } from "./confined_path.ts";
import { grantedOptions, type Policy, Refusal } from "./policy.ts";

/**
 * Returns the path of a prepared image. If the policy lets clients use any root, that may also be a
 * source, or a path below their folder; other ones would reach into this machine or its network.
 *
 * @param root the name or key of an image
 * @throws {Refusal} if there is no such image, and it is not such a root.
 */
export async function clientRoot(root: string, policy: Policy): Promise<string> {
  const isGranted = grantedOptions("vm", policy).some(({ name, value }) =>
    name === "root" && value === undefined
  );
  if (isGranted && SCHEME.test(root)) return root;
  try {
    return chooseImage(root).path;
  } catch (error) {
    if (isGranted) return await readablePath(root, policy);
    throw new Refusal(`${messageOf(error)}: clients use prepared images, see list_images`);
  }
}
