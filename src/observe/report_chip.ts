// The label of a verdict. Pure.

import { Html, html } from "./html.ts";
import type { Verdict } from "./run_words.ts";

const SIGNS: Readonly<Record<Verdict, string>> = { ok: "✓", failed: "✗", unknown: "–" };

/** Returns a label that can be read without colour. */
export function chip(verdict: Verdict, words: string): Html {
  return html`<span class="chip ${new Html(verdict)}"><b aria-hidden="true">${
    SIGNS[verdict]
  }</b> ${words}</span>`;
}
