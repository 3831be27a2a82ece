// Decodes captured output as text.

/** How many characters a string of V8 has at most (v8-primitive.h, String::kMaxLength). */
const MAX_CHARACTERS = 2 ** 29 - 24;

/**
 * Decodes UTF-8 and removes a trailing newline. Bytes that are not UTF-8 become U+FFFD.
 *
 * @throws {RangeError} if it is too long for a string.
 */
export function toText(output: Uint8Array): string {
  try {
    return new TextDecoder().decode(output).replace(/\r?\n$/, "");
  } catch (error) {
    if (output.length < MAX_CHARACTERS) throw error;
    throw new RangeError(
      `cannot return ${output.length} bytes as text: the limit is ${MAX_CHARACTERS} characters: ` +
        "get bytes, or read line by line",
      { cause: error },
    );
  }
}
