// Fetches from a server.

const MAX_PAGE_BYTES = 4 << 20;
const PAGE_LIMIT_MS = 30_000;

/**
 * Opens the body of a URL.
 *
 * @throws {Error} if the server does not send it, or not within `limitMs`.
 */
export async function openUrl(url: URL, limitMs: number): Promise<ReadableStream<Uint8Array>> {
  const response = await fetch(url, { signal: AbortSignal.timeout(limitMs) });
  if (response.ok && response.body !== null) return response.body;
  await response.body?.cancel();
  const answer = `${response.status} ${response.statusText}`.trimEnd();
  throw new Error(`the server answered ${answer} for ${url}`);
}

/**
 * Fetches a page as text.
 *
 * @throws {Error} if the server does not send it in time, or it is too large.
 */
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
