// The calls of a client that are in progress.

import {
  type CallToolResult,
  ProtocolError,
  ProtocolErrorCode,
} from "npm:@modelcontextprotocol/server@2.4.0";
import { messageOf } from "../model/errors.ts";
import { type Policy, Refusal } from "./policy.ts";
import { Progress, type SendProgress } from "./progress.ts";
import { RunQueue } from "./run_queue.ts";
import type { Tool } from "./tool.ts";

/** A request to call a tool. */
export interface CallRequest {
  readonly name: string;
  readonly args: unknown;
  /** Aborted when the client cancels it. */
  readonly cancelled: AbortSignal;
  /** Sends progress; `undefined` if the client has not asked for it. */
  readonly sendProgress: SendProgress | undefined;
}

/** Calls tools, and ends the calls when the client is gone. */
export class Calls {
  readonly #tools: readonly Tool[];
  readonly #policy: Policy;
  readonly #queue: RunQueue;
  readonly #over = new AbortController();
  readonly #running = new Set<Promise<unknown>>();

  constructor(tools: readonly Tool[], policy: Policy) {
    this.#tools = tools;
    this.#policy = policy;
    this.#queue = new RunQueue(policy);
  }

  /** Ends all calls and waits for their end. */
  async end(): Promise<void> {
    this.#over.abort(new Refusal("the client has disconnected"));
    await Promise.allSettled(this.#running);
  }

  /**
   * Calls a tool; its errors become results.
   *
   * @throws {ProtocolError} if there is no such tool.
   */
  async call({ name, args, cancelled, sendProgress }: CallRequest): Promise<CallToolResult> {
    const tool = this.#tools.find((tool) => tool.name === name);
    if (tool === undefined) {
      const fact = `there is no tool ${JSON.stringify(name)}`;
      throw new ProtocolError(ProtocolErrorCode.InvalidParams, fact);
    }
    const signal = AbortSignal.any([cancelled, this.#over.signal]);
    using progress = new Progress(sendProgress);
    signal.addEventListener("abort", () => progress[Symbol.dispose]());
    const running = this.#run(tool, args, signal, progress);
    this.#running.add(running);
    try {
      return await running;
    } catch (error) {
      return { isError: true, content: [{ type: "text", text: lineOf(error) }] };
    } finally {
      this.#running.delete(running);
    }
  }

  async #run(
    tool: Tool,
    args: unknown,
    signal: AbortSignal,
    progress: Progress,
  ): Promise<CallToolResult> {
    signal.throwIfAborted();
    const { data, text } = await tool.call(parse(tool, args), {
      policy: this.#policy,
      signal,
      report: (message) => progress.report(message),
      turn: () => this.#queue.enter(signal, (ahead) => progress.report(waitingLine(ahead))),
    });
    const content = [{ type: "text" as const, text: text ?? JSON.stringify(data) }];
    return { content, structuredContent: data };
  }
}

function waitingLine(ahead: number): string {
  const others = ahead === 0 ? "next" : `behind ${ahead} other${ahead === 1 ? "" : "s"}`;
  return `waiting for a run to end: ${others}`;
}

function parse(tool: Tool, args: unknown): unknown {
  const parsed = tool.input.safeParse(args);
  if (parsed.success) return parsed.data;
  const { path, message } = parsed.error.issues[0]!;
  const place = path.length === 0 ? "" : `${path.join(".")}: `;
  throw new Refusal(`cannot call ${tool.name}: ${place}${message.replace(/^Invalid input: /, "")}`);
}

/**
 * Returns the first line of an error; the rest, such as a machine's console, is not for clients.
 */
function lineOf(error: unknown): string {
  return messageOf(error).split("\n")[0]!.replace(/:$/, "");
}
