// A lock between processes: a file that is locked until the process unlocks it or ends (flock(2)).

const POLL_MS = 20;

/**
 * Waits for the exclusive lock on the file at `path`, which is created if necessary. Disposing the
 * result unlocks it.
 *
 * @throws {Deno.errors} if the file cannot be opened
 * @throws the reason of `signal` if it is aborted first
 */
export async function lockFile(path: string, signal?: AbortSignal): Promise<Disposable> {
  const file = await Deno.open(path, { create: true, write: true });
  try {
    while (!await file.tryLock(true)) {
      signal?.throwIfAborted();
      await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    }
    return file;
  } catch (error) {
    file.close();
    throw error;
  }
}
