// `execvm template list`, `remove` and `prune`.

import { UsageError } from "../../model/errors.ts";
import {
  type ListedTemplate,
  listTemplates,
  MAX_TEMPLATE_BYTES,
  pruneTemplates,
  removeTemplate,
} from "../../vm/template_store.ts";
import { withErrorReport } from "../frame/with_error_report.ts";
import { age } from "./age.ts";

interface CommonFlags {
  readonly verbose?: boolean;
}

/** Prints the templates, the most recently used first. */
export const templateList = withErrorReport(
  ({ process }, { json }: CommonFlags & { readonly json?: boolean }) => {
    const templates = listTemplates();
    if (json === true) process.stdout.write(`${JSON.stringify(templates, null, 2)}\n`);
    else for (const template of templates) process.stdout.write(`${toLine(template)}\n`);
    return Promise.resolve(0);
  },
);

/** Removes the named templates, or all. */
export const templateRemove = withErrorReport(
  ({ process }, { all }: CommonFlags & { readonly all?: boolean }, ...names: readonly string[]) => {
    if ((all === true) !== (names.length === 0)) {
      throw new UsageError("cannot tell what to remove: name templates, or use --all");
    }
    const chosen = all === true ? listTemplates() : names.map(findOne);
    for (const template of chosen) {
      removeTemplate(template.key);
      process.stdout.write(`${toLine(template)}\n`);
    }
    return Promise.resolve(0);
  },
);

/** Removes the least recently used templates until the rest fits the size. */
export const templatePrune = withErrorReport(
  ({ process }, { maxSize }: CommonFlags & { readonly maxSize?: number }) => {
    const maxBytes = maxSize === undefined ? MAX_TEMPLATE_BYTES : maxSize * 2 ** 20;
    for (const template of pruneTemplates(maxBytes)) {
      process.stdout.write(`${toLine(template)}\n`);
    }
    return Promise.resolve(0);
  },
);

function findOne(name: string): ListedTemplate {
  const found = listTemplates().filter(({ key }) => name !== "" && key.startsWith(name));
  if (found.length === 1) return found[0]!;
  const fact = found.length === 0 ? "there is no such template" : `${found.length} begin like that`;
  throw new UsageError(`cannot remove the template ${JSON.stringify(name)}: ${fact}`);
}

/** Name, size, time since its last use, and its machine. */
function toLine({ key, bytes, usedMs, about }: ListedTemplate): string {
  const columns = [key.slice(0, 12), `${Math.ceil(bytes / 2 ** 20)} MiB`, age(usedMs)];
  return [...columns, about === undefined ? "damaged" : describe(about)].join("\t");
}

function describe(about: NonNullable<ListedTemplate["about"]>): string {
  const { machine, accel, cpus, memoryMib, drives, network, kernel } = about;
  const hardware = `${machine} ${accel}, ${cpus} cpu, ${memoryMib} MiB`;
  const attached = drives.length === 0 ? "no drives" : drives.join(" ");
  return `${hardware}, ${attached}, network ${network}, ${kernel}`;
}
