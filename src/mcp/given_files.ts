// The files of a request, whose contents are in it.

/**
 * Returns the files as bytes: `runCode` and `prepareImage` would take a string for a path on this
 * machine.
 *
 * @param texts contents as text, by path
 * @param base64 contents in base64, by path
 * @throws {TypeError} if one is not base64.
 */
export function givenFiles(
  texts: Readonly<Record<string, string>>,
  base64: Readonly<Record<string, string>>,
): Readonly<Record<string, Uint8Array>> {
  const encoder = new TextEncoder();
  return Object.fromEntries([
    ...Object.entries(texts).map(([path, text]) => [path, encoder.encode(text)]),
    ...Object.entries(base64).map(([path, text]) => [path, fromBase64(path, text)]),
  ]);
}

function fromBase64(path: string, text: string): Uint8Array {
  try {
    return Uint8Array.fromBase64(text);
  } catch {
    throw new TypeError(`cannot give the file ${JSON.stringify(path)}: it is not base64`);
  }
}
