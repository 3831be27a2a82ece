// What is said of a command line that cannot be understood: always one line, with what was meant if that can be seen.

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
import { didYouMean } from "../flags/suggest.ts";

const HINT = "see execvm --help, or --help on a subcommand";

/** What stricli says, in our words. */
export const USAGE_TEXT: ApplicationText = {
  ...text_en,
  noCommandRegisteredForInput: ({ input, corrections }) => {
    const known = corrections.map((name) => name.replaceAll("`", ""));
    const kind = input.startsWith("-") ? "option" : "subcommand";
    const meant = didYouMean(input, [...known, "--help", "--version"]);
    return `execvm: Cannot take ${quoted(input)} as there is no such ${kind}${meant}; ${HINT}`;
  },
  exceptionWhileParsingArguments: (error) => `execvm: ${explain(error)}; ${HINT}`,
};

function explain(error: unknown): string {
  if (error instanceof FlagNotFoundError) {
    const given = `--${error.input}`;
    const known = error.corrections.map(kebabCase).flatMap((name) => [`--${name}`, `--no-${name}`]);
    const meant = didYouMean(given, known.filter((name) => name !== given));
    return `Cannot take ${given} as there is no such option${meant}`;
  }
  if (error instanceof AliasNotFoundError) {
    return `Cannot take -${error.input} as there is no such option`;
  }
  if (error instanceof EnumValidationError) {
    const { externalFlagName, input, values } = error;
    const meant = didYouMean(input, values);
    return `Cannot take --${externalFlagName} ${quoted(input)} as it is none of ${
      values.join(", ")
    }${meant}`;
  }
  if (error instanceof ArgumentParseError) {
    const { externalFlagNameOrPlaceholder: name, input, exception } = error;
    const what = /^[a-z]/.test(name)
      ? `--${name} ${quoted(input)}`
      : `${quoted(input)} for ${name}`;
    return `Cannot take ${what} as ${messageOf(exception)}`;
  }
  if (error instanceof UnsatisfiedFlagError) {
    return `Cannot go on without --${error.externalFlagName} and its value`;
  }
  if (error instanceof UnsatisfiedPositionalError) {
    return `Cannot go on without ${error.placeholder}`;
  }
  if (error instanceof UnexpectedPositionalError) {
    return `Cannot take ${quoted(error.input)} as that is one argument too many`;
  }
  return messageOf(error);
}

function quoted(text: string): string {
  return JSON.stringify(text);
}
