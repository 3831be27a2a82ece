// `execvm image list`, `inspect` and `remove`.

import { UsageError } from "../../model/errors.ts";
import { chooseImage } from "../../prepare/choose_image.ts";
import { removeImage } from "../../prepare/image_store.ts";
import { listedImage, listedImages } from "../../prepare/list_images.ts";
import { withErrorReport } from "../frame/with_error_report.ts";
import { imageLine } from "./image_line.ts";

interface CommonFlags {
  readonly verbose?: boolean;
}

/** Prints the images, the newest first. */
export const imageList = withErrorReport(
  ({ process }, { json }: CommonFlags & { readonly json?: boolean }) => {
    const images = listedImages();
    if (json === true) process.stdout.write(`${JSON.stringify(images, null, 2)}\n`);
    else for (const image of images) process.stdout.write(`${imageLine(image)}\n`);
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
    const image = listedImage(chooseImage(name));
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
    const chosen = all === true
      ? listedImages()
      : names.map((name) => listedImage(chooseImage(name)));
    for (const image of chosen) {
      removeImage(image.key);
      process.stdout.write(`${imageLine(image)}\n`);
    }
    return Promise.resolve(0);
  },
);
