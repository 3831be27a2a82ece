// Scripts that import execvm from a server.

import assert from "node:assert/strict";
import { tempDir } from "./temp_dir.ts";

/** As a server of a user's has them. */
const TYPES: Readonly<Record<string, string>> = {
  ts: "application/typescript",
  js: "text/javascript",
  json: "application/json",
};

/** A server on the loopback. */
export interface FolderServer extends AsyncDisposable {
  /** Its URL, without a slash at the end. */
  readonly url: string;
  /** The paths that it was asked for, in order. */
  readonly asked: readonly string[];
}

/** Serves a folder, as a user's web server would. */
export function serveFolder(folder: string): FolderServer {
  const asked: string[] = [];
  const options = { hostname: "127.0.0.1", port: 0, onListen() {} };
  const server = Deno.serve(options, async (request) => {
    const { pathname } = new URL(request.url);
    asked.push(pathname);
    const content = await Deno.readFile(`${folder}/${decodeURIComponent(pathname)}`)
      .catch(() => undefined);
    if (content === undefined) return new Response(null, { status: 404 });
    const type = TYPES[pathname.slice(pathname.lastIndexOf(".") + 1)] ?? "text/plain";
    return new Response(content, { headers: { "content-type": type } });
  });
  return {
    url: `http://127.0.0.1:${server.addr.port}`,
    asked,
    [Symbol.asyncDispose]: () => server.shutdown(),
  };
}

/** How a script is run. */
export interface ScriptOptions {
  /** Words of Deno in front of the script. @default `run -A --quiet` */
  readonly deno?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

/** Runs a script in an otherwise empty folder; what came of it. */
export async function tryScript(
  script: string,
  { deno = ["run", "-A", "--quiet"], env = {} }: ScriptOptions = {},
): Promise<{ readonly code: number; readonly stdout: string; readonly stderr: string }> {
  using folder = tempDir();
  Deno.writeTextFileSync(`${folder.path}/script.ts`, script);
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [...deno, "script.ts"],
    cwd: folder.path,
    env: { ...env, NO_COLOR: "1" },
  }).output();
  const decoder = new TextDecoder();
  return { code, stdout: decoder.decode(stdout), stderr: decoder.decode(stderr) };
}

/** What a script prints that ends well. */
export async function runScript(script: string, options?: ScriptOptions): Promise<string> {
  const { code, stdout, stderr } = await tryScript(script, options);
  assert.equal(code, 0, stderr);
  return stdout;
}
