/* Snapping: lines that edges and middles of a moving box hold to. */

/** Give the lines of a page: edges, middle, safe zone, thirds or columns, other boxes. */
export function linesOf(page, others, guides) {
  const lines = { x: new Set([0, page.width / 2, page.width]), y: new Set([0, page.height / 2, page.height]) };
  if (guides.safe) {
    lines.x.add(page.safe.left).add(page.width - page.safe.right);
    lines.y.add(page.safe.top).add(page.height - page.safe.bottom);
  }
  for (const at of guidesOf(page, guides).x) lines.x.add(at);
  for (const at of guidesOf(page, guides).y) lines.y.add(at);
  for (const box of others) {
    lines.x.add(box.x).add(box.x + box.width / 2).add(box.x + box.width);
    lines.y.add(box.y).add(box.y + box.height / 2).add(box.y + box.height);
  }
  return { x: [...lines.x], y: [...lines.y] };
}

/** Give the lines that are drawn all the time: thirds, columns, the middle. */
export function guidesOf(page, guides) {
  const x = [];
  const y = [];
  if (guides.thirds) for (const n of [1, 2]) x.push((page.width * n) / 3), y.push((page.height * n) / 3);
  if (guides.columns) for (let n = 1; n < 12; n += 1) x.push((page.width * n) / 12);
  if (guides.middle) x.push(page.width / 2), y.push(page.height / 2);
  return { x, y };
}

/** Move a box to the nearest lines within reach; `edges` names what may move: "n", "e",
    "s", "w", or "" for the whole box. Returns {rect, hits: [{axis, at}]}. */
export function snapTo(rect, edges, lines, reach) {
  const next = { ...rect };
  const hits = [];
  for (const [axis, side, first, last] of [["x", "width", "w", "e"], ["y", "height", "n", "s"]]) {
    const start = rect[axis];
    const length = rect[side];
    const own = !edges ? [start, start + length / 2, start + length]
      : edges.includes(first) ? [start] : edges.includes(last) ? [start + length] : [];
    const best = nearest(own, lines[axis], reach);
    if (!best) continue;
    hits.push({ axis, at: best.line });
    if (!edges) next[axis] += best.by;
    else if (edges.includes(first)) {
      next[axis] += best.by;
      next[side] -= best.by;
    } else next[side] += best.by;
  }
  return { rect: next, hits };
}

function nearest(own, lines, reach) {
  let best = null;
  for (const at of own) {
    for (const line of lines) {
      const by = line - at;
      if (Math.abs(by) <= reach && (!best || Math.abs(by) < Math.abs(best.by))) best = { by, line };
    }
  }
  return best;
}
