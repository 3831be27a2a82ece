// The interface of the server's tools.

import type * as z from "npm:zod@4.6.7";
import type { Policy } from "./policy.ts";

/** The context of a call. */
export interface CallContext {
  readonly policy: Policy;
  /** Aborted when the client cancels the call or disconnects. */
  readonly signal: AbortSignal;
}

/** The result of a call: data, and optionally a text for people in place of its JSON. */
export interface Answer {
  readonly data: { readonly [key: string]: unknown };
  readonly text?: string;
}

/** A tool: what is listed of it, and how it is called. */
export interface Tool<Input = unknown> {
  readonly name: string;
  readonly title: string;
  readonly description: string;
  readonly input: z.ZodType<Input>;
  /** Whether it changes nothing. */
  readonly isReadOnly: boolean;
  /** Whether its calls count towards the limit of runs at once. */
  readonly runs: boolean;
  /** Runs a call. @throws {Error} the first line of its message is sent to the client. */
  call(input: Input, context: CallContext): Promise<Answer>;
}

/** Returns the same tool with its input type erased; the schema must have checked the input. */
export function anyTool<Input>(tool: Tool<Input>): Tool {
  return { ...tool, call: (input, context) => tool.call(input as Input, context) };
}
