// Draws the graph of a report as SVG: source, stages, sink, and the edges between them. Pure.

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

/** The geometry of a layout, in pixels at full size. */
interface Layout {
  readonly direction: "row" | "column";
  readonly width: number;
  readonly height: number;
  /** The gap between two nodes in a row. */
  readonly gap: number;
}

/** The upper left corner of a node. */
interface Place {
  readonly x: number;
  readonly y: number;
}

const ROW: Layout = { direction: "row", width: 184, height: 60, gap: 72 };
const COLUMN: Layout = { direction: "column", width: 336, height: 60, gap: 0 };

/** The maximum number of readable nodes in a row; more nodes continue in further rows. */
const MAX_IN_ROW = 4;

/** The gap between two rows. */
const LINE_GAP = 44;

/** The margin of the graph, for the outlines of the outer nodes. */
const MARGIN = 2;

/** The width of a letter of a monospaced font at 13 pixels, and at 12 pixels. */
const TITLE_LETTER = 7.9;
const FACTS_LETTER = 7.25;

/** Returns the graph twice: in rows for wide screens, and in a column for narrow ones. */
export function reportGraph(run: RunSpan): Html {
  const { nodes, edges } = graphOf(run);
  return html`
    <div class="graph wide">${draw(nodes, edges, ROW)}</div>
    <div class="graph narrow">${draw(nodes, edges, COLUMN)}</div>
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

/**
 * Returns whether a sink stays untouched unless the pipeline succeeds, because it is replaced at
 * the end.
 */
function isHeldBack(sink: string): boolean {
  return /^(file|untar)\(/.test(sink);
}

function draw(nodes: readonly GraphNode[], edges: readonly GraphEdge[], layout: Layout): Html {
  const across = layout.direction === "row" ? Math.min(nodes.length, MAX_IN_ROW) : 1;
  const width = across * (layout.width + layout.gap) - layout.gap;
  const lines = Math.ceil(nodes.length / across);
  const height = lines * (layout.height + LINE_GAP) - LINE_GAP;
  const boxes = nodes.map((node, index) => drawNode(node, placeOf(index, layout), layout));
  const arrows = edges.map((edge, index) => drawEdge(edge, index + 1, layout));
  const view = [-MARGIN, -MARGIN, width + 2 * MARGIN, height + 2 * MARGIN].join(" ");
  const label = nodes.map(({ title, facts }) => `${title} (${facts})`).join(", then ");
  return html`
    <svg viewBox="${view}" style="max-width:${width + 2 * MARGIN}px" role="img"
      aria-label="${printableLine(label, 2000)}">${arrows}${boxes}</svg>
  `;
}

/** The position of a node. */
function placeOf(index: number, { direction, width, height, gap }: Layout): Place {
  const across = direction === "row" ? MAX_IN_ROW : 1;
  const line = Math.floor(index / across);
  return { x: index % across * (width + gap), y: line * (height + LINE_GAP) };
}

function drawNode({ title, facts, verdict }: GraphNode, { x, y }: Place, layout: Layout): Html {
  const { width, height } = layout;
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

/** @param index of the node that the edge leads to */
function drawEdge(edge: GraphEdge, index: number, layout: Layout): Html {
  if (layout.direction === "column") return drawDown(edge, placeOf(index, layout), layout);
  const [from, to] = [placeOf(index - 1, layout), placeOf(index, layout)];
  return from.y === to.y ? drawAcross(edge, to, layout) : drawBack(edge, from, to, layout);
}

/** An edge from the node on the left. */
function drawAcross({ label, bytes }: GraphEdge, to: Place, { height, gap }: Layout): Html {
  const [left, right, y] = [to.x - gap + 4, to.x - 4, to.y + height / 2];
  const middle = (left + right) / 2;
  return html`
    <g class="edge">
      <path d="M${left} ${y}H${right - 6}" />
      <path class="head" d="M${right} ${y}l-8 -4.5v9z" />
      <text x="${middle}" y="${y - 8}" text-anchor="middle">${label}</text>
      <text x="${middle}" y="${y + 18}" text-anchor="middle">${bytes}</text>
    </g>
  `;
}

/** An edge from the node above. */
function drawDown(edge: GraphEdge, to: Place, { width }: Layout): Html {
  const [from, end, x] = [to.y - LINE_GAP + 4, to.y - 4, to.x + Math.min(32, width / 2)];
  return html`
    <g class="edge">
      <path d="M${x} ${from}V${end - 6}" />
      <path class="head" d="M${x} ${end}l-4.5 -8h9z" />
      <text x="${x + 14}" y="${(from + end) / 2 + 4}">${wordsOf(edge)}</text>
    </g>
  `;
}

/** An edge from the last node of a row to the first one of the next row. */
function drawBack(edge: GraphEdge, from: Place, to: Place, { width, height }: Layout): Html {
  const [right, left, end] = [from.x + width / 2, to.x + width / 2, to.y - 4];
  const middle = to.y - LINE_GAP / 2;
  return html`
    <g class="edge">
      <path d="M${right} ${from.y + height + 4}V${middle}H${left}V${end - 6}" />
      <path class="head" d="M${left} ${end}l-4.5 -8h9z" />
      <text x="${(left + right) / 2}" y="${middle - 6}" text-anchor="middle">${wordsOf(edge)}</text>
    </g>
  `;
}

function wordsOf({ label, bytes }: GraphEdge): string {
  return bytes === "" ? label : `${label} · ${bytes}`;
}
