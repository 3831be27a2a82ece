// Controls a headless Chromium for tests, by its DevTools protocol.

import { tempDir } from "../support/temp_dir.ts";

/** No GPU, no background networking, no stored state; works with a small /dev/shm. */
const FLAGS = [
  ...["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"],
  ...["--disable-background-networking", "--disable-component-update", "--disable-sync"],
  ...["--disable-dev-shm-usage", "--remote-debugging-port=0"],
] as const;

/** How a page is displayed. */
export interface PageView {
  readonly width: number;
  readonly scheme: "light" | "dark";
}

/** A page in a browser. Disposing it closes the browser. */
export interface Page extends AsyncDisposable {
  /** Changes how it is displayed. */
  show(view: PageView): Promise<void>;
  /** Evaluates an expression in the page. */
  evaluate(expression: string): Promise<unknown>;
}

/** Opens a URL in a new browser. */
export async function openPage(url: string): Promise<Page> {
  const folder = tempDir();
  const child = new Deno.Command("chromium", {
    args: [...FLAGS, `--user-data-dir=${folder.path}`, "about:blank"],
    stdin: "null",
    stdout: "null",
    stderr: "piped",
  }).spawn();
  const { endpoint, allRead } = listen(child.stderr.pipeThrough(new TextDecoderStream()));
  const devTools = await DevTools.connect(await endpoint);
  const page = await devTools.attach();
  await page("Page.enable", {});
  const loaded = devTools.next("Page.loadEventFired");
  await page("Page.navigate", { url });
  await loaded;
  return {
    async show({ width, scheme }) {
      const size = { width, height: 800, deviceScaleFactor: 1, mobile: false };
      await page("Emulation.setDeviceMetricsOverride", size);
      const features = [{ name: "prefers-color-scheme", value: scheme }];
      await page("Emulation.setEmulatedMedia", { features });
    },
    async evaluate(expression) {
      const { result } = await page("Runtime.evaluate", { expression, returnByValue: true });
      return (result as { value: unknown }).value;
    },
    async [Symbol.asyncDispose]() {
      await devTools.close();
      await child.status;
      await allRead;
      folder[Symbol.dispose]();
    },
  };
}

/**
 * Returns the address that it listens on, which it prints to stderr; the rest of that is discarded.
 */
function listen(stderr: ReadableStream<string>) {
  const { promise: endpoint, resolve, reject } = Promise.withResolvers<string>();
  const read = async () => {
    let said = "";
    for await (const chunk of stderr) {
      said += chunk;
      const [, found] = /DevTools listening on (ws:\S+)\s/.exec(said) ?? [];
      if (found !== undefined) resolve(found);
    }
    reject(new Error(`Chromium did not start: ${said}`));
  };
  return { endpoint, allRead: read() };
}

type Answer = Readonly<Record<string, unknown>>;
type Call = (method: string, params: Answer) => Promise<Answer>;

/** A client of the protocol: JSON over a WebSocket, calls with ids, and events. */
class DevTools {
  readonly #socket: WebSocket;
  readonly #calls = new Map<number, (message: Answer) => void>();
  readonly #events = new Map<string, () => void>();
  #lastId = 0;

  private constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.addEventListener("message", ({ data }) => {
      const message = JSON.parse(data);
      this.#calls.get(message.id)?.(message);
      this.#events.get(message.method)?.();
    });
  }

  static async connect(endpoint: string): Promise<DevTools> {
    const socket = new WebSocket(endpoint);
    await new Promise((resolve, reject) => {
      socket.addEventListener("open", resolve);
      socket.addEventListener("error", () => reject(new Error(`no answer at ${endpoint}`)));
    });
    return new DevTools(socket);
  }

  /** Calls a method of the first page. */
  async attach(): Promise<Call> {
    const { targetInfos } = await this.#call("Target.getTargets", {});
    const pages = targetInfos as { type: string; targetId: string }[];
    const targetId = pages.find(({ type }) => type === "page")!.targetId;
    const { sessionId } = await this.#call("Target.attachToTarget", { targetId, flatten: true });
    return (method, params) => this.#call(method, params, { sessionId });
  }

  /** Resolves with the next event of that name. */
  next(event: string): Promise<void> {
    return new Promise((resolve) => this.#events.set(event, resolve));
  }

  /** Closes the browser. */
  async close(): Promise<void> {
    const closed = new Promise((resolve) => this.#socket.addEventListener("close", resolve));
    this.#socket.send(JSON.stringify({ id: ++this.#lastId, method: "Browser.close" }));
    await closed;
  }

  async #call(method: string, params: Answer, session: Answer = {}): Promise<Answer> {
    const id = ++this.#lastId;
    const answered = new Promise<Answer>((resolve) => this.#calls.set(id, resolve));
    this.#socket.send(JSON.stringify({ id, method, params, ...session }));
    const { result, error } = await answered;
    if (error !== undefined) throw new Error(`${method}: ${JSON.stringify(error)}`);
    return result as Answer;
  }
}
