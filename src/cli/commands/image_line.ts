// The line that shows an image in a list.

import type { ListedImage } from "../../prepare/list_images.ts";
import { age } from "./age.ts";

/** Returns the start of its key, its size, age and source; then its names and packages, if any. */
export function imageLine(image: ListedImage): string {
  const { key, bytes, createdMs, from, names, packages = [], pip = [] } = image;
  const size = `${Math.ceil(bytes / 2 ** 20)} MiB`;
  const plain = [key.slice(0, 12), size, age(createdMs), from];
  return [...plain, names.join(" "), [...packages, ...pip].join(" ")].join("\t").trimEnd();
}
