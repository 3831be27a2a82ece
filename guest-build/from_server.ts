// Reading what a server has.

const MAX_PAGE_BYTES = 4 << 20;
const PAGE_LIMIT_MS = 30_000;

/** The body of an answer. @throws {Error} if the server does not give it, or not within `limitMs`. */
export async function openUrl(url: URL, limitMs: number): Promise<ReadableStream<Uint8Array>> {
  const response = await fetch(url, { signal: AbortSignal.timeout(limitMs) });
  if (response.ok && response.body !== null) return response.body;
  await response.body?.cancel();
  const answer = `${response.status} ${response.statusText}`.trimEnd();
  throw new Error(`the server answered ${answer} for ${url}`);
}

/** A page as text. @throws {Error} if the server does not give it soon, or more than a page has. */
export async function fetchPage(url: URL): Promise<string> {
  const decoder = new TextDecoder();
  let text = "";
  for await (const chunk of await openUrl(url, PAGE_LIMIT_MS)) {
    text += decoder.decode(chunk, { stream: true });
    if (text.length > MAX_PAGE_BYTES) {
      throw new Error(`${url} has more than ${MAX_PAGE_BYTES} bytes`);
    }
  }
  return text;
}
