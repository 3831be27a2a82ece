// Parses the options that `execvm mcp --allow-option` lets clients set.

import { type AllowedOption, GRANTED_IMAGE_OPTIONS, IMAGE_KIND } from "../../mcp/policy.ts";
import { UsageError } from "../../model/errors.ts";
import { runnerType } from "../../runners/mod.ts";
import { didYouMean } from "../../model/did_you_mean.ts";

/**
 * Parses `KIND:NAME` or `KIND:NAME=VALUE`, such as `vm:kernel=/boot/vmlinuz`.
 *
 * @throws {UsageError} if there is no such option.
 */
export function parseAllowedOption(text: string): AllowedOption {
  const [, kind, name, value] = /^([^:=]+):([^=]+)(?:=(.*))?$/s.exec(text) ?? [];
  if (kind === undefined || name === undefined) {
    throw cannotAllow(text, "it is not KIND:NAME or KIND:NAME=VALUE, such as vm:network=user");
  }
  const names = optionsOf(kind);
  if (names === undefined) throw cannotAllow(text, `${kind} is not a runner, nor ${IMAGE_KIND}`);
  if (names.includes(name)) return { kind, name, ...(value !== undefined && { value }) };
  throw cannotAllow(text, `${kind} has no option ${name}${didYouMean(name, names)}`);
}

function optionsOf(kind: string): readonly string[] | undefined {
  if (kind === IMAGE_KIND) return GRANTED_IMAGE_OPTIONS;
  const type = runnerType(kind);
  return type && Object.keys(type.options);
}

function cannotAllow(text: string, fact: string): UsageError {
  return new UsageError(`cannot allow the option ${JSON.stringify(text)}: ${fact}`);
}

/**
 * Returns the source of images unchanged.
 *
 * @throws {UsageError} if it would allow every file of this machine.
 */
export function parseAllowedImage(text: string): string {
  if (text !== "" && !/^[./]*\*/.test(text)) return text;
  throw new UsageError(
    `cannot allow images from ${
      JSON.stringify(text)
    }: name a source, or its kind and a *, such as debian:*`,
  );
}
