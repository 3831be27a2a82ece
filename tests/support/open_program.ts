// Makes programs of the tests that any user can run, wherever Deno and the checkout are: npx keeps
// Deno below the user's home, which others often cannot enter.

import { basename } from "node:path";
import { killWithUs } from "../../src/host/watchdog.ts";
import { openDir } from "./open_dir.ts";

/** A Deno in a folder that every user can enter, and the programs that it runs there. */
export class OpenPrograms implements Disposable {
  readonly #folder = openDir();
  readonly #deno: string;
  readonly #scripts = new Map<string, string>();
  readonly #cleanup = killWithUs({ path: this.#folder.path });

  /** @param deno the executable, which is hard-linked, or copied if that fails */
  constructor(deno: string = Deno.execPath()) {
    this.#deno = `${this.#folder.path}/deno`;
    try {
      Deno.linkSync(Deno.realPathSync(deno), this.#deno);
    } catch {
      Deno.copyFileSync(deno, this.#deno);
      Deno.chmodSync(this.#deno, 0o755);
    }
  }

  /**
   * Returns the argv of a program, without arguments.
   *
   * @param source path of its module, which is bundled once
   */
  argv(source: string): readonly [string, ...string[]] {
    const script = this.#scripts.get(source) ?? this.#bundle(source);
    this.#scripts.set(source, script);
    const flags = ["run", "-A", "--quiet", "--no-config", "--no-lock", "--no-check"];
    return [this.#deno, ...flags, script];
  }

  #bundle(source: string): string {
    const script = `${this.#folder.path}/${basename(source, ".ts")}.js`;
    const { success, stderr } = new Deno.Command(Deno.execPath(), {
      args: ["bundle", "--quiet", "--platform", "deno", "--output", script, source],
    }).outputSync();
    if (!success) throw new Error(new TextDecoder().decode(stderr));
    Deno.chmodSync(script, 0o644);
    return script;
  }

  [Symbol.dispose](): void {
    this.#cleanup[Symbol.dispose]();
    this.#folder[Symbol.dispose]();
  }
}
