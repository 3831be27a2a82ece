// Reads the environment of this process, including variables that are not UTF-8, which Deno omits.

import { findLibc } from "./libc.ts";
import { decodeWord } from "./word.ts";

const POINTER_BYTES = 8;

/**
 * Returns the variables by name, as words. This is the current environment, with the changes made
 * by `Deno.env.set`, unlike `/proc/self/environ`. Without FFI it is `Deno.env.toObject()`.
 */
export function ownEnvironment(): Record<string, string> {
  const environ = findLibc()?.environ ?? null;
  if (environ === null) return Deno.env.toObject();
  const list = new Deno.UnsafePointerView(environ).getPointer();
  return Object.fromEntries(list === null ? [] : variablesOf(new Deno.UnsafePointerView(list)));
}

function* variablesOf(list: Deno.UnsafePointerView): Generator<readonly [string, string]> {
  for (let offset = 0;; offset += POINTER_BYTES) {
    const variable = list.getPointer(offset);
    if (variable === null) return;
    const word = readWord(new Deno.UnsafePointerView(variable));
    const equals = word.indexOf("=", 1);
    if (equals > 0) yield [word.slice(0, equals), word.slice(equals + 1)];
  }
}

/** Reads a C string as a word. Where Deno has decoded to U+FFFD, the bytes themselves are read. */
function readWord(view: Deno.UnsafePointerView): string {
  const text = view.getCString();
  if (!text.includes("\ufffd")) return text;
  let length = 0;
  while (view.getUint8(length) !== 0) length++;
  return decodeWord(new Uint8Array(view.getArrayBuffer(length)));
}
