// A program that bundles modules of ours with esbuild and prints the bundle. It is separate so that
// the modules that users load do not import esbuild.

import { builtinModules } from "node:module";
import * as esbuild from "npm:esbuild@0.28.2";
import { messageOf } from "../src/model/errors.ts";
import type { BundleJob } from "./bundle.ts";
import { builtinModule } from "./lazy_builtins.ts";
import { readModule, ROOT } from "./sources.ts";

/**
 * The namespace of modules by path from the root, so that a bundle does not depend on where they
 * are loaded from.
 */
const OURS = "execvm";

/** `npm:NAME@VERSION/PATH`: the name, and the path with its slash. */
const NPM = /^npm:\/?((?:@[^/@]+\/)?[^/@]+)(?:@[^/]+)?(\/.+)?$/;

const BUILTIN = new RegExp(`^(node:.*|${builtinModules.join("|")})$`);

/** Of what others see: tools show the line of an error, and of a warning, whole. */
const LINE_COLUMNS = 500;

/** Of modules of Node.js, and what those are told by that a package calls `require` for. */
const NODE = "node";
const REQUIRED = "?require";

Deno.exit(await main(JSON.parse(Deno.args[0]!)));

async function main(job: BundleJob): Promise<number> {
  try {
    await new Blob([await bundleWithEsbuild(job)]).stream().pipeTo(Deno.stdout.writable);
    return 0;
  } catch (error) {
    Deno.stderr.writeSync(new TextEncoder().encode(`error: ${messageOf(error)}\n`));
    return 1;
  } finally {
    await esbuild.stop();
  }
}

async function bundleWithEsbuild({ entry, minify, hasNames = false, packages }: BundleJob) {
  const { outputFiles } = await esbuild.build({
    entryPoints: [entry],
    ...(packages !== undefined && { absWorkingDir: packages }),
    ...(hasNames && { lineLimit: LINE_COLUMNS }),
    bundle: true,
    write: false,
    minifyWhitespace: minify,
    minifySyntax: minify,
    minifyIdentifiers: minify && !hasNames,
    format: "esm",
    target: "esnext",
    charset: "utf8",
    platform: "node",
    conditions: ["deno"],
    tsconfigRaw: "{}", // ignore those of parent folders
    logLevel: "silent",
    plugins: [modulesOf(packages)],
  }).catch((error) => {
    throw error.errors?.length > 0 ? new Error(describe(error.errors[0]), { cause: error }) : error;
  });
  return outputFiles[0]!.contents as Uint8Array<ArrayBuffer>;
}

/** Resolves imports as Deno does. */
function modulesOf(packages: string | undefined): esbuild.Plugin {
  return {
    name: "modules",
    setup(build) {
      build.onResolve({ filter: BUILTIN }, ({ path, kind }) => {
        const id = path.startsWith("node:") ? path : `node:${path}`;
        return packages === undefined || kind === "dynamic-import"
          ? { path: id, external: true }
          : { path: id, namespace: NODE, suffix: kind === "require-call" ? REQUIRED : "" };
      });
      build.onLoad({ filter: /^/, namespace: NODE }, ({ path, suffix }) => {
        return { contents: builtinModule(path, suffix === REQUIRED ? "require" : "import") };
      });
      build.onResolve({ filter: /^npm:/ }, async ({ path, kind }) => {
        if (packages === undefined) {
          return { errors: [{ text: `${path} is imported, and no packages were given` }] };
        }
        return await build.resolve(path.replace(NPM, "$1$2"), { kind, resolveDir: packages });
      });
      build.onResolve({ filter: /^(file|https?):/ }, ({ path }) => ours(path));
      build.onResolve({ filter: /^\.{1,2}\//, namespace: OURS }, ({ path, importer }) => {
        return ours(new URL(path, new URL(importer, ROOT)).href);
      });
      build.onLoad({ filter: /^/, namespace: OURS }, async ({ path }) => {
        const contents = await readModule(new URL(path, ROOT));
        return { contents, loader: path.endsWith(".json") ? "json" : "ts" };
      });
    },
  };
}

function ours(url: string): esbuild.OnResolveResult {
  if (!url.startsWith(ROOT.href)) return { errors: [{ text: `${url} is not below ${ROOT}` }] };
  return { path: url.slice(ROOT.href.length), namespace: OURS };
}

function describe({ text, location }: esbuild.Message): string {
  return location === null ? text : `${location.file}:${location.line}: ${text}`;
}
