// The interface of the server's tools.

import type * as z from "npm:zod@4.6.7";
import type { Policy } from "./policy.ts";

/** The context of a call. */
export interface CallContext {
  readonly policy: Policy;
  /** Aborted when the client cancels the call or disconnects. */
  readonly signal: AbortSignal;
  /** Shows the client what the call is doing, in a line, if it has asked for that. */
  report(message: string): void;
  /**
   * Resolves when the call may start what it runs, which may be after others have ended; the result
   * is disposed when that has ended. A call checks its input before.
   *
   * @throws {Refusal} if too many calls wait.
   * @throws {unknown} the reason of `signal`, if that is aborted.
   */
  turn(): Promise<Disposable>;
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
  /** Whether it reaches other machines. @default false */
  readonly isOpenWorld?: boolean;
  /** Runs a call. @throws {Error} the first line of its message is sent to the client. */
  call(input: Input, context: CallContext): Promise<Answer>;
}

/** Returns the same tool with its input type erased; the schema must have checked the input. */
export function anyTool<Input>(tool: Tool<Input>): Tool {
  return { ...tool, call: (input, context) => tool.call(input as Input, context) };
}
