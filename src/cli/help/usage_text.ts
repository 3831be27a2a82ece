// The messages for a command line that cannot be parsed: always one line, with a suggestion if a
// known word is close.

import {
  AliasNotFoundError,
  type ApplicationText,
  ArgumentParseError,
  EnumValidationError,
  FlagNotFoundError,
  text_en,
  UnexpectedPositionalError,
  UnsatisfiedFlagError,
  UnsatisfiedPositionalError,
} from "npm:@stricli/core@1.3.0";
import { messageOf } from "../../model/errors.ts";
import { kebabCase } from "../flags/routes.ts";
import { didYouMean } from "../../model/did_you_mean.ts";

const HINT = "see execvm --help, or --help on a subcommand";

/** Replaces stricli's messages by ours. */
export const USAGE_TEXT: ApplicationText = {
  ...text_en,
  noCommandRegisteredForInput: ({ input, corrections }) => {
    const known = corrections.map((name) => name.replaceAll("`", ""));
    const kind = input.startsWith("-") ? "option" : "subcommand";
    const meant = didYouMean(input, [...known, "--help", "--version"]);
    return `execvm: cannot take ${quoted(input)}: there is no such ${kind}${meant}; ${HINT}`;
  },
  exceptionWhileParsingArguments: (error) => `execvm: ${explain(error)}; ${HINT}`,
};

function explain(error: unknown): string {
  if (error instanceof FlagNotFoundError) {
    const given = `--${error.input}`;
    const known = error.corrections.map(kebabCase).flatMap((name) => [`--${name}`, `--no-${name}`]);
    const meant = didYouMean(given, known.filter((name) => name !== given));
    return `cannot take ${given}: there is no such option${meant}`;
  }
  if (error instanceof AliasNotFoundError) {
    return `cannot take -${error.input}: there is no such option`;
  }
  if (error instanceof EnumValidationError) {
    const { externalFlagName, input, values } = error;
    const meant = didYouMean(input, values);
    return `cannot take --${externalFlagName} ${quoted(input)}: it must be one of ${
      values.join(", ")
    }${meant}`;
  }
  if (error instanceof ArgumentParseError) {
    const { externalFlagNameOrPlaceholder: name, input, exception } = error;
    const what = /^[a-z]/.test(name)
      ? `--${name} ${quoted(input)}`
      : `${quoted(input)} for ${name}`;
    const fact = messageOf(exception);
    const again = `${quoted(input)} is `; // the parser repeats the value
    return `cannot take ${what}: ${
      fact.startsWith(again) ? `it is ${fact.slice(again.length)}` : fact
    }`;
  }
  if (error instanceof UnsatisfiedFlagError) {
    return `cannot run: --${error.externalFlagName} is missing`;
  }
  if (error instanceof UnsatisfiedPositionalError) {
    return `cannot run: ${error.placeholder} is missing`;
  }
  if (error instanceof UnexpectedPositionalError) {
    return `cannot take ${quoted(error.input)}: that is one argument too many`;
  }
  return messageOf(error);
}

function quoted(text: string): string {
  return JSON.stringify(text);
}
