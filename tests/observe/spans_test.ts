import assert from "node:assert/strict";
import { execvm } from "../support/cli.ts";

interface Span {
  readonly name: string;
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId: string;
  readonly startTimeUnixNano: string;
  readonly endTimeUnixNano: string;
  readonly status: { readonly message?: string; readonly code?: number };
  readonly attributes: readonly { readonly key: string; readonly value: unknown }[];
}

/** Receives OTLP over HTTP as JSON. Disposing it stops the server. */
function startCollector() {
  const spans: Span[] = [];
  const options = { hostname: "127.0.0.1", port: 0, onListen() {} };
  const server = Deno.serve(options, async (request) => {
    const { resourceSpans = [] } = await request.json();
    for (const { scopeSpans } of resourceSpans) {
      for (const { scope, spans: sent } of scopeSpans) {
        if (scope.name === "execvm") spans.push(...sent);
      }
    }
    return Response.json({});
  });
  const env = {
    OTEL_DENO: "true",
    OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${server.addr.port}`,
    OTEL_EXPORTER_OTLP_PROTOCOL: "http/json",
  };
  return { spans, env, [Symbol.asyncDispose]: () => server.shutdown() };
}

Deno.test("with OTEL_DENO=true a run is a span with its stages below it, which Deno exports", async () => {
  await using collector = startCollector();
  const pipeline = {
    type: "text",
    text: "data",
    output: {
      type: "command",
      args: ["cat"],
      output: { type: "command", args: ["sh", "-c", "cat; exit 3"] },
    },
  };
  const { env, spans } = collector;
  const run = await execvm(["pipe", "-"], { stdin: JSON.stringify(pipeline), env });
  assert.deepEqual([run.code, run.stdout], [3, "data"], run.stderr);
  const whole = spans.find(({ name }) => name.startsWith("cat | sh"))!;
  const stages = spans.filter(({ parentSpanId }) => parentSpanId === whole.spanId);
  assert.deepEqual(stages.map(({ name, status }) => [name, status.message ?? ""]).sort(), [
    ["cat", ""],
    ["sh", "exit code 3"],
  ]);
  for (const { traceId, startTimeUnixNano, endTimeUnixNano } of stages) {
    assert.equal(traceId, whole.traceId);
    assert.ok(BigInt(startTimeUnixNano) >= BigInt(whole.startTimeUnixNano));
    assert.ok(BigInt(endTimeUnixNano) <= BigInt(whole.endTimeUnixNano));
  }
  const attributes = stages.flatMap((stage) => stage.attributes);
  assert.ok(attributes.some(({ key }) => key === "process.command_args"));
});

Deno.test("with OTEL_DENO=true run stays to report its command, whose status it returns", async () => {
  await using collector = startCollector();
  const { env, spans } = collector;
  const run = await execvm(["run", "--", "sh", "-c", "echo out; exit 4"], { env });
  assert.deepEqual([run.code, run.stdout], [4, "out\n"], run.stderr);
  assert.deepEqual(spans.map(({ status }) => status.message).sort(), [
    "exit code 4",
    "failed with exit code 4",
  ]);
});
