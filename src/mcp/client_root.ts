// Resolves the root that a client names for its machines.

import { messageOf } from "../model/errors.ts";
import { chooseImage } from "../prepare/choose_image.ts";
import { grantedOptions, type Policy, Refusal } from "./policy.ts";

/**
 * Returns the path of a prepared image, or a root that the policy names as it is. Any other path or
 * source would reach into this machine or its network.
 *
 * @param root the name or key of an image
 * @throws {Refusal} if there is no such image.
 */
export function clientRoot(root: string, policy: Policy): string {
  const isGranted = grantedOptions("vm", policy).some(({ name, value }) =>
    name === "root" && (value === undefined || value === root)
  );
  if (isGranted) return root;
  try {
    return chooseImage(root).path;
  } catch (error) {
    throw new Refusal(`${messageOf(error)}: clients use prepared images, see list_images`);
  }
}
