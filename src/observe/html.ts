// HTML in which all text is escaped: what is put into a template is text, unless it is HTML of ours.

import { printableLines } from "../host/printable.ts";

/** A piece of HTML. */
export class Html {
  /** @param code is taken as it is */
  constructor(readonly code: string) {}

  toString(): string {
    return this.code;
  }
}

/** What a template takes: text, which is escaped, HTML, lists of either, or nothing. */
export type HtmlValue = string | number | Html | undefined | false | readonly HtmlValue[];

/** HTML from a template. Attributes have to stand in double quotes. */
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

/** Text that means itself in HTML; what would move the cursor or change the order of letters is taken out. */
function escapeText(text: string): string {
  return printableLines(text).replaceAll(/[&<>"']/g, (letter) => ENTITIES[letter]!);
}
