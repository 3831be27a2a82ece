// Removes the outputs of code that an item makes again.

import type { RunEvent } from "../model/result.ts";

/** The folders of outputs that one attempt has made. */
export class MadeOutputs {
  readonly #folders: string[] = [];

  /** Takes an event of the attempt. */
  note(event: RunEvent): void {
    if (event.type !== "end") return;
    const { outputsDir = null, outputsFailure = null } = event.result.codeResult ?? {};
    if (outputsDir !== null && outputsFailure === null) this.#folders.push(outputsDir);
  }

  /**
   * Removes the folders, so that the next attempt can make them. What cannot be removed makes that
   * attempt fail, with the reason.
   */
  async remove(): Promise<void> {
    for (const folder of this.#folders.splice(0)) {
      await Deno.remove(folder, { recursive: true }).catch(() => {});
    }
  }
}
