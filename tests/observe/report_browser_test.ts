import assert from "node:assert/strict";
import { toReport } from "../../src/observe/report.ts";
import { tempDir } from "../support/temp_dir.ts";
import { needs } from "../support/tools.ts";
import { openPage, type Page } from "./browser.ts";
import { goodRun, longRun } from "./fixture.ts";

/** A page of a report in a browser. */
async function reportPage(folder: string, runs: Parameters<typeof toReport>[0]): Promise<Page> {
  Deno.writeTextFileSync(`${folder}/report.html`, toReport(runs));
  return await openPage(`file://${folder}/report.html`);
}

/** The contrast of each element's text with its background (WCAG 2.2, 1.4.3). */
const LEAST_CONTRAST = `(() => {
  const canvas = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  const rgb = (colour) => {
    canvas.clearRect(0, 0, 1, 1);
    canvas.fillStyle = colour;
    canvas.fillRect(0, 0, 1, 1);
    return [...canvas.getImageData(0, 0, 1, 1).data];
  };
  const light = ([r, g, b]) => [r, g, b].map((v) => v / 255)
    .map((v) => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4)
    .reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
  const behind = (node) => {
    if (node.closest("svg")) {
      const rect = node.parentNode.querySelector("rect");
      if (rect) return rgb(getComputedStyle(rect).fill);
      node = node.closest("svg").parentNode;
    }
    for (; node; node = node.parentElement) {
      const colour = rgb(getComputedStyle(node).backgroundColor);
      if (colour[3] === 255) return colour;
    }
    return [255, 255, 255, 255];
  };
  const hasText = (node) => [...node.childNodes].some((n) => n.nodeType === 3 && n.data.trim() !== "");
  const ratios = [...document.body.querySelectorAll("*")].filter(hasText)
    .filter((node) => node.getClientRects().length > 0)
    .map((node) => {
      const style = getComputedStyle(node);
      const text = rgb(node.closest("svg") ? style.fill : style.color);
      const [a, b] = [light(text), light(behind(node))].sort((x, y) => y - x);
      return (a + 0.05) / (b + 0.05);
    });
  return Math.min(...ratios);
})()`;

Deno.test({
  ...needs("a report fits a phone and a desk, and is legible in light and dark", "chromium"),
  async fn() {
    using folder = tempDir();
    await using page = await reportPage(folder.path, [longRun()]);
    for (const width of [390, 1280]) {
      for (const scheme of ["light", "dark"] as const) {
        await page.show({ width, scheme });
        const seen = `at ${width} pixels, ${scheme}`;
        assert.equal(await page.evaluate("innerWidth"), width);
        const needed = Number(await page.evaluate("document.documentElement.scrollWidth"));
        assert.ok(needed <= width, `${needed} ${seen}`);
        const contrast = Number(await page.evaluate(LEAST_CONTRAST));
        assert.ok(contrast >= 4.5, `${contrast} ${seen}`);
      }
    }
  },
});

Deno.test({
  ...needs("a report has light letters on a dark page where that is wanted", "chromium"),
  async fn() {
    using folder = tempDir();
    await using page = await reportPage(folder.path, [goodRun(), goodRun()]);
    const back = "getComputedStyle(document.body).backgroundColor";
    await page.show({ width: 390, scheme: "dark" });
    assert.equal(await page.evaluate(back), "rgb(17, 20, 23)");
    await page.show({ width: 390, scheme: "light" });
    assert.equal(await page.evaluate(back), "rgb(251, 251, 250)");
    assert.equal(await page.evaluate("document.querySelectorAll('details.run').length"), 2);
  },
});

/**
 * How far the last letter of a stage's stderr is below the visible part, and how much is hidden, in
 * pixels.
 */
const UNSEEN_END = `(() => {
  const block = document.querySelector(".card pre.tail");
  const range = document.createRange();
  range.selectNodeContents(block);
  const [last] = [...range.getClientRects()].sort((a, b) => b.bottom - a.bottom);
  const box = block.getBoundingClientRect();
  return [last.bottom - box.bottom, block.scrollHeight - block.clientHeight];
})()`;

Deno.test({
  ...needs("a report shows the end of a long stderr, and scrolls to its begin", "chromium"),
  async fn() {
    using folder = tempDir();
    await using page = await reportPage(folder.path, [longRun()]);
    await page.show({ width: 390, scheme: "light" });
    const [below, hidden] = await page.evaluate(UNSEEN_END) as [number, number];
    assert.ok(hidden > 100 && below <= 0, `${below} ${hidden}`);
  },
});
