// The graph of a report: source, stages and sink, and what joins them, as SVG. Pure.

import { printableLine } from "../host/printable.ts";
import { quoteArgv } from "../host/quote.ts";
import { Html, html } from "./html.ts";
import { EndpointError } from "../model/errors.ts";
import { describeStage, stageVerdict, type Verdict, verdictOf } from "./run_words.ts";
import { fitText } from "./text_width.ts";
import type { RunSpan } from "./timeline.ts";
import { formatBytes } from "./units.ts";

interface GraphNode {
  readonly title: string;
  readonly facts: string;
  readonly verdict: Verdict;
}

interface GraphEdge {
  readonly label: string;
  readonly bytes: string;
}

/** Where things are, in pixels at full size. */
interface Layout {
  readonly direction: "row" | "column";
  readonly width: number;
  readonly height: number;
  /** Between two nodes. */
  readonly gap: number;
}

const ROW: Layout = { direction: "row", width: 184, height: 60, gap: 72 };
const COLUMN: Layout = { direction: "column", width: 336, height: 60, gap: 44 };

/** The most nodes that are readable side by side. */
const MAX_IN_ROW = 4;

/** Room around the graph, for lines of the outermost nodes. */
const MARGIN = 2;

/** Width of a letter of a monospaced font of 13 pixels, and of one of 12 pixels. */
const TITLE_LETTER = 7.9;
const FACTS_LETTER = 7.25;

/** The graph: from left to right where there is room, else from top to bottom. */
export function reportGraph(run: RunSpan): Html {
  const { nodes, edges } = graphOf(run);
  const column = draw(nodes, edges, COLUMN);
  if (nodes.length > MAX_IN_ROW) return html`<div class="graph">${column}</div>`;
  const row = draw(nodes, edges, ROW);
  return html`
    <div class="graph wide">${row}</div>
    <div class="graph narrow">${column}</div>
  `;
}

function graphOf(run: RunSpan): { nodes: GraphNode[]; edges: GraphEdge[] } {
  const { outline, stages } = run;
  const middle = outline.stages.map(({ argv, runner }, index): GraphNode => {
    const stage = stages[index];
    const facts = `${runner} · ${describeStage(stage)}`;
    return { title: quoteArgv(argv), facts, verdict: stageVerdict(stage) };
  });
  const nodes = [sourceNode(run), ...middle, sinkNode(run)];
  const edges = outline.edges.map((label, index): GraphEdge => {
    const bytes = stages[index]?.bytes.bytesIn ?? stages[index - 1]?.bytes.bytesOut;
    return { label, bytes: bytes === undefined ? "" : formatBytes(bytes) };
  });
  return { nodes, edges };
}

function sourceNode({ outline: { source }, end, items }: RunSpan): GraphNode {
  const failed = items.filter(({ status }) => status === "failed").length;
  if (failed > 0) {
    return { title: source, facts: `source · ${failed} failed`, verdict: "failed" };
  }
  const isFailed = "error" in end && end.error instanceof EndpointError &&
    end.error.end === "source";
  return isFailed
    ? { title: source, facts: "source · failed", verdict: "failed" }
    : { title: source, facts: "source", verdict: "unknown" };
}

function sinkNode(run: RunSpan): GraphNode {
  const { outline: { sink }, end } = run;
  if (verdictOf(run) !== "ok" && isHeldBack(sink)) {
    return { title: sink, facts: "sink · not written", verdict: "failed" };
  }
  const isFailed = "error" in end && end.error instanceof EndpointError && end.error.end === "sink";
  return isFailed
    ? { title: sink, facts: "sink · failed", verdict: "failed" }
    : { title: sink, facts: "sink", verdict: "unknown" };
}

/** Whether a sink gets nothing unless the pipeline succeeds: what is written aside until then. */
function isHeldBack(sink: string): boolean {
  return /^(file|untar)\(/.test(sink);
}

function draw(nodes: readonly GraphNode[], edges: readonly GraphEdge[], layout: Layout): Html {
  const isRow = layout.direction === "row";
  const step = layout.gap + (isRow ? layout.width : layout.height);
  const along = step * nodes.length - layout.gap;
  const [width, height] = isRow ? [along, layout.height] : [layout.width, along];
  const boxes = nodes.map((node, index) => drawNode(node, index * step, layout));
  const arrows = edges.map((edge, index) => drawEdge(edge, (index + 1) * step, layout));
  const view = [-MARGIN, -MARGIN, width + 2 * MARGIN, height + 2 * MARGIN].join(" ");
  const label = nodes.map(({ title, facts }) => `${title} (${facts})`).join(", then ");
  return html`
    <svg viewBox="${view}" style="max-width:${width + 2 * MARGIN}px" role="img"
      aria-label="${printableLine(label, 2000)}">${arrows}${boxes}</svg>
  `;
}

function drawNode({ title, facts, verdict }: GraphNode, at: number, layout: Layout): Html {
  const { direction, width, height } = layout;
  const [x, y] = direction === "row" ? [at, 0] : [0, at];
  const room = width - 24;
  const line = printableLine(title, 400);
  return html`
    <g class="node ${new Html(verdict)}">
      <title>${line}</title>
      <rect x="${x}" y="${y}" width="${width}" height="${height}" rx="7" />
      <text class="name" x="${x + 12}" y="${y + 26}">${fitText(line, room / TITLE_LETTER)}</text>
      <text class="facts" x="${x + 12}" y="${y + 45}">${fitText(
        printableLine(facts, 200),
        room / FACTS_LETTER,
      )}</text>
    </g>
  `;
}

/** @param at where the node begins that it leads to */
function drawEdge({ label, bytes }: GraphEdge, at: number, layout: Layout): Html {
  const { direction, width, height, gap } = layout;
  if (direction === "row") {
    const [from, to, y] = [at - gap + 4, at - 4, height / 2];
    const middle = (from + to) / 2;
    return html`
      <g class="edge">
        <path d="M${from} ${y}H${to - 6}" />
        <path class="head" d="M${to} ${y}l-8 -4.5v9z" />
        <text x="${middle}" y="${y - 8}" text-anchor="middle">${label}</text>
        <text x="${middle}" y="${y + 18}" text-anchor="middle">${bytes}</text>
      </g>
    `;
  }
  const [from, to, x] = [at - gap + 4, at - 4, Math.min(32, width / 2)];
  const words = bytes === "" ? label : `${label} · ${bytes}`;
  return html`
    <g class="edge">
      <path d="M${x} ${from}V${to - 6}" />
      <path class="head" d="M${x} ${to}l-4.5 -8h9z" />
      <text x="${x + 14}" y="${(from + to) / 2 + 4}">${words}</text>
    </g>
  `;
}
