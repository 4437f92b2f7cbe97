// Small multiples as one SVG: how a cost grows with something, both on logarithmic scales. A dashed line through the
// first point is what linear would be, so a curve at or below it is no worse.
const panel = { width: 330, height: 220, left: 52, right: 14, top: 34, bottom: 38 };

const short = (x) => (x >= 1000 ? `${x / 1000}k` : String(x));
const powers = (low, high) => {
  const out = [];
  for (let p = Math.floor(low); p <= Math.ceil(high); p += 1) out.push(10 ** p);
  return out;
};

function axis(values) {
  const logs = values.map(Math.log10);
  const low = Math.min(...logs), high = Math.max(...logs);
  const margin = Math.max(0.15, (high - low) * 0.06);
  return { low: low - margin, high: high + margin };
}

// points: [[x, y], ...] by x. linear: is y expected to grow with x, or to stay?
function draw({ title, x: xName, y: yName, points, linear }, at) {
  const reference = linear ? points.map(([x]) => [x, points[0][1] * x / points[0][0]]) : [];
  const ys = axis([...points, ...reference].map((p) => p[1])), xs = axis(points.map((p) => p[0]));
  // Less than a decade would make a mountain of noise.
  if (ys.high - ys.low < 1) ys.high = ys.low + 1;
  const w = panel.width - panel.left - panel.right, h = panel.height - panel.top - panel.bottom;
  const px = (x) => (panel.left + (Math.log10(x) - xs.low) / (xs.high - xs.low) * w).toFixed(1);
  const py = (y) => (panel.top + h - (Math.log10(y) - ys.low) / (ys.high - ys.low) * h).toFixed(1);
  const line = (list) => list.map(([x, y]) => `${px(x)},${py(y)}`).join(' ');
  const inside = (list, { low, high }) => list.filter((v) => Math.log10(v) >= low && Math.log10(v) <= high);
  const grid = inside(powers(ys.low, ys.high), ys)
    .map((y) => `<path class="grid" d="M${panel.left} ${py(y)}h${w}"/><text x="${panel.left - 6}" y="${py(y)}" dy="4" text-anchor="end">${short(y)}</text>`);
  const ticks = points.map(([x]) => `<text x="${px(x)}" y="${panel.top + h + 15}" text-anchor="middle">${short(x)}</text>`);
  const dots = points.map(([x, y]) => `<circle cx="${px(x)}" cy="${py(y)}" r="3.5"><title>${x} ${xName}: ${y} ${yName}</title></circle>
<text class="value" x="${px(x)}" y="${py(y) - 8}" text-anchor="middle">${y >= 10 ? Math.round(y).toLocaleString('en-US') : y}</text>`);
  return `<g transform="translate(${at.x} ${at.y})">
<text class="title" x="${panel.left}" y="16">${title}</text>
${grid.join('\n')}
${reference.length ? `<polyline class="linear" points="${line(reference)}"/>` : ''}
<polyline class="measured" points="${line(points)}"/>
${dots.join('\n')}
${ticks.join('\n')}
<text x="${panel.left + w / 2}" y="${panel.height - 6}" text-anchor="middle">${xName}</text>
<text x="${panel.width - panel.right}" y="16" text-anchor="end">${yName}</text>
</g>`;
}

export function plots(panels) {
  const columns = 2, rows = Math.ceil(panels.length / columns);
  const width = panel.width * columns, height = panel.height * rows;
  const drawn = panels.map((p, i) => draw(p, { x: (i % columns) * panel.width, y: Math.floor(i / columns) * panel.height }));
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img">
<style>
text { font: 11px system-ui, sans-serif; fill: #555 } .title { font-size: 13px; font-weight: 600; fill: #222 }
.value { font-size: 10px } .grid { stroke: #ddd; fill: none } .measured { stroke: #1f6feb; stroke-width: 2; fill: none } circle { fill: #1f6feb }
.linear { stroke: #999; stroke-dasharray: 5 4; fill: none } .paper { fill: #fff }
@media (prefers-color-scheme: dark) { text { fill: #aaa } .title { fill: #eee } .grid { stroke: #333 } .paper { fill: #0d1117 }
.measured { stroke: #58a6ff } circle { fill: #58a6ff } }
</style>
<rect class="paper" width="100%" height="100%"/>
${drawn.join('\n')}
</svg>
`;
}
