// A mirror of Alpine's releases on the loopback interface.

import { createHash } from "node:crypto";

/** The files of a mirror, by name. */
export type MirrorFiles = Readonly<Record<string, string | Uint8Array<ArrayBuffer>>>;

/** The name of a minirootfs for this architecture. */
export function minirootfsName(version: string): string {
  return `alpine-minirootfs-${version}-${Deno.build.arch}.tar.gz`;
}

/** A minirootfs and its checksum, which may be wrong. */
export function minirootfs(
  version: string,
  content: string | Uint8Array<ArrayBuffer>,
  sha256: string = createHash("sha256").update(content).digest("hex"),
): MirrorFiles {
  const name = minirootfsName(version);
  return { [name]: content, [`${name}.sha256`]: `${sha256}  ${name}\n` };
}

/** A running mirror; disposing stops it. */
export interface Mirror extends AsyncDisposable {
  /** URL of its index page. */
  readonly mirror: string;
  /** Paths that were requested. */
  readonly requests: readonly string[];
}

/** Serves these files, and an index page with links to all of them. */
export function serveMirror(files: MirrorFiles): Mirror {
  const requests: string[] = [];
  const page = Object.keys(files).map((name) => `<a href="${name}">${name}</a>`).join("\n");
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, (request) => {
    const path = new URL(request.url).pathname;
    requests.push(path);
    if (path === "/releases/") return new Response(`<html><body><pre>${page}</pre></body></html>`);
    const content = files[path.replace("/releases/", "")];
    return content === undefined ? new Response("no", { status: 404 }) : new Response(content);
  });
  const mirror = `http://127.0.0.1:${server.addr.port}/releases`;
  return { mirror, requests, [Symbol.asyncDispose]: () => server.shutdown() };
}
