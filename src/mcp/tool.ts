// What a tool of the server is.

import type * as z from "npm:zod@4.6.7";
import type { Policy } from "./policy.ts";

/** What a call has beside its arguments. */
export interface CallContext {
  readonly policy: Policy;
  /** Aborted when the client cancels the call, or is gone. */
  readonly signal: AbortSignal;
}

/** What a call gives: data, and where that is not what people read, a text of it. */
export interface Answer {
  readonly data: { readonly [key: string]: unknown };
  readonly text?: string;
}

/** A tool, as it is listed and called. */
export interface Tool<Input = unknown> {
  readonly name: string;
  readonly title: string;
  readonly description: string;
  readonly input: z.ZodType<Input>;
  /** Whether it only looks. */
  readonly isReadOnly: boolean;
  /** Whether it runs something, of which there is only so much at once. */
  readonly runs: boolean;
  /** @throws {Error} whose message is what the client is told. */
  call(input: Input, context: CallContext): Promise<Answer>;
}

/** The same tool for any input, which its schema has checked. */
export function anyTool<Input>(tool: Tool<Input>): Tool {
  return { ...tool, call: (input, context) => tool.call(input as Input, context) };
}
