// Makes HTML from templates. Values are text and are escaped, unless they are themselves `Html`.

import { printableLines } from "../host/printable.ts";

/** A piece of HTML. */
export class Html {
  /** @param code inserted without escaping */
  constructor(readonly code: string) {}

  toString(): string {
    return this.code;
  }
}

/** A value of a template: text, which is escaped, HTML, a list of either, or nothing. */
export type HtmlValue = string | number | Html | undefined | false | readonly HtmlValue[];

/** Returns HTML from a template. Attributes must be in double quotes. */
export function html(parts: TemplateStringsArray, ...values: readonly HtmlValue[]): Html {
  return new Html(parts.map((part, index) => `${toCode(values[index - 1])}${part}`).join(""));
}

function toCode(value: HtmlValue): string {
  if (value === undefined || value === false) return "";
  if (value instanceof Html) return value.code;
  if (typeof value === "object") return value.map(toCode).join("");
  return escapeText(String(value));
}

const ENTITIES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

/** Escapes text for HTML and removes characters that would move the cursor or reorder letters. */
function escapeText(text: string): string {
  return printableLines(text).replaceAll(/[&<>"']/g, (letter) => ENTITIES[letter]!);
}
