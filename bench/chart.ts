/** A bar chart of start latencies as SVG, readable on light and dark pages. */

import type { Sample } from "./measure.ts";

const ROW = 26;
const LEFT = 190;
const WIDTH = 720;

/** Shortest first; times are milliseconds. */
export function renderChart(samples: readonly Sample[]): string {
  const sorted = samples.toSorted((a, b) => a.median - b.median);
  const most = Math.max(...sorted.map(({ median }) => median));
  const height = ROW * sorted.length + 34;
  const bars = sorted.map(({ name, median }, index) => {
    const y = 30 + ROW * index;
    const length = Math.max(2, ((WIDTH - LEFT - 80) * median) / most);
    const own = name.startsWith("selfdock") ? "own" : "other";
    return `  <text class="name" x="${LEFT - 10}" y="${y + 14}">${name}</text>
  <rect class="${own}" x="${LEFT}" y="${y}" width="${length.toFixed(1)}" height="18" rx="3"/>
  <text x="${(LEFT + length + 8).toFixed(1)}" y="${y + 14}">${median.toFixed(median < 10 ? 1 : 0)} ms</text>`;
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" role="img" aria-label="Start latency of true">
  <style>
    text { font: 13px sans-serif; fill: #57606a; }
    .name { text-anchor: end; }
    .title { font-weight: bold; }
    .own { fill: #2da44e; }
    .other { fill: #8c959f; }
    @media (prefers-color-scheme: dark) { text { fill: #adbac7; } }
  </style>
  <text class="title" x="${LEFT}" y="18">An instance of true, start to end (median)</text>
${bars.join("\n")}
</svg>
`;
}
