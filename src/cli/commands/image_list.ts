// `execvm image list`, `inspect` and `remove`.

import { UsageError } from "../../model/errors.ts";
import { chooseImage } from "../../prepare/choose_image.ts";
import type { Image } from "../../prepare/image.ts";
import { listImages, removeImage } from "../../prepare/image_store.ts";
import { withErrorReport } from "../frame/with_error_report.ts";

interface CommonFlags {
  readonly verbose?: boolean;
}

/** Prints the images, the newest first. */
export const imageList = withErrorReport(
  ({ process }, { json }: CommonFlags & { readonly json?: boolean }) => {
    const images = listImages();
    if (json === true) process.stdout.write(`${JSON.stringify(images, null, 2)}\n`);
    else for (const image of images) process.stdout.write(`${toLine(image)}\n`);
    return Promise.resolve(0);
  },
);

/** Prints the properties of an image, or with `--files` its manifest. */
export const imageInspect = withErrorReport(
  async (
    { process },
    { files }: CommonFlags & { readonly files?: boolean },
    name: string,
  ) => {
    const image = chooseImage(name);
    const shown = files === true
      ? await Deno.readTextFile(image.manifest)
      : `${JSON.stringify(image, null, 2)}\n`;
    process.stdout.write(shown);
    return 0;
  },
);

/** Removes the named images, or all. */
export const imageRemove = withErrorReport(
  ({ process }, { all }: CommonFlags & { readonly all?: boolean }, ...names: readonly string[]) => {
    if ((all === true) !== (names.length === 0)) {
      throw new UsageError("cannot tell what to remove: name images, or use --all");
    }
    for (const image of all === true ? listImages() : names.map(chooseImage)) {
      removeImage(image.key);
      process.stdout.write(`${toLine(image)}\n`);
    }
    return Promise.resolve(0);
  },
);

/** The start of its key, size, date, source; then its name and packages, if it has any. */
function toLine(image: Image): string {
  const { key, bytes, createdMs, from, cacheKey = "", packages = [], pip = [] } = image;
  const size = `${Math.ceil(bytes / 2 ** 20)} MiB`;
  const plain = [key.slice(0, 12), size, new Date(createdMs).toISOString(), from];
  return [...plain, cacheKey, [...packages, ...pip].join(" ")].join("\t").trimEnd();
}
