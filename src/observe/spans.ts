// Emits runs as OpenTelemetry spans: one per run, with children per stage and per phase. Deno
// exports them to OTEL_EXPORTER_OTLP_ENDPOINT.

import { wordText } from "../host/quote.ts";
import {
  type Attributes,
  type Context,
  context,
  type Span,
  SpanStatusCode,
  trace,
  type Tracer,
} from "npm:@opentelemetry/api@1.9.0";
import { describeLink } from "../model/failed_link.ts";
import { VERSION } from "../self/version.ts";
import { describeEnd, describeStage, stageVerdict, titleOf, verdictOf } from "./run_words.ts";
import type { Interval, RunSpan, StageSpan } from "./timeline.ts";

/** Emits the spans of a run that has ended. */
export function emitSpans(run: RunSpan): void {
  const tracer = trace.getTracer("execvm", VERSION);
  emitRun({ tracer, parent: context.active(), name: titleOf(run.outline) }, run);
}

function emitRun(place: Pick<SpanParts, "tracer" | "parent" | "name">, run: RunSpan): void {
  const { source, sink } = run.outline;
  const attributes = { "execvm.source": source, "execvm.sink": sink };
  const failure = verdictOf(run) === "failed" ? describeEnd(run.end) : undefined;
  emit({ ...place, attributes, failure }, run, (parent) => {
    const { tracer } = place;
    for (const stage of run.stages) if (stage !== undefined) emitStage(tracer, parent, stage);
    for (const { index, run: item } of run.items) {
      if (item === undefined) continue;
      emitRun({ tracer, parent, name: `item ${index}: ${titleOf(item.outline)}` }, item);
    }
  });
}

function emitStage(tracer: Tracer, parent: Context, stage: StageSpan): void {
  const { outline: { argv, runner }, result, bytes } = stage;
  const attributes = given({
    "execvm.runner": runner,
    "process.command_args": argv.map(wordText),
    "process.exit.code": result?.code,
    "execvm.signal": result?.signal,
    "execvm.failed": result?.failedLink && describeLink(result.failedLink),
    "execvm.bytes_in": bytes.bytesIn,
    "execvm.bytes_out": bytes.bytesOut,
  });
  const failure = stageVerdict(stage) === "failed" ? describeStage(stage) : undefined;
  emit({ tracer, parent, name: wordText(argv[0] ?? ""), attributes, failure }, stage, (within) => {
    for (const { phase, details, ...times } of stage.phases) {
      const attributes = given({ "execvm.detail": details.at(-1) });
      emit({ tracer, parent: within, name: phase, attributes }, times);
    }
  });
}

interface SpanParts {
  readonly tracer: Tracer;
  readonly parent: Context;
  readonly name: string;
  readonly attributes: Attributes;
  readonly failure?: string | undefined;
}

/** @param fill emits the children */
function emit(
  { tracer, parent, name, attributes, failure }: SpanParts,
  { startMs, endMs }: Interval,
  fill: (within: Context) => void = () => {},
): void {
  const span: Span = tracer.startSpan(name, { startTime: startMs, attributes }, parent);
  fill(trace.setSpan(parent, span));
  if (failure !== undefined) span.setStatus({ code: SpanStatusCode.ERROR, message: failure });
  span.end(endMs);
}

/** Returns the attributes that have a value. */
function given(attributes: Attributes): Attributes {
  return Object.fromEntries(Object.entries(attributes).filter(([, value]) => value !== undefined));
}
