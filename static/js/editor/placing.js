/* Moves and sizes layers by rectangles on the page; the anchors follow. */
import { convert, place } from "./axis.js";
import { changeLayer, find, seenIn, write } from "./layers.js";

const AXES = [["x", "width"], ["y", "height"]];

export const pageOf = (store) => ({ x: 0, y: 0, width: store.shape.width_px, height: store.shape.height_px, safe: store.shape.safe_zone });

/** What a layer lies in: its group's room, or the page. */
export function frameOf(store, id) {
  const found = find(store.document, id);
  return (found?.parent && store.rectOf(found.parent.id)) || pageOf(store);
}

/** Say what is around one axis of a layer: what `place` in axis.js must know. */
export function around(store, id, axis, to = null) {
  const side = axis === "x" ? "width" : "height";
  const layer = seenIn(find(store.document, id).layer, store.target);
  const frame = frameOf(store, id);
  const page = pageOf(store);
  const isTurned = axis === "x" && store.drawn.direction === "rtl" && layer.mirror !== false;
  const along = (rect) => {
    const start = rect[axis] - frame[axis];
    return [isTurned ? frame[side] - start - rect[side] : start, rect[side]];
  };
  const before = store.rectOf(id);
  const other = store.boxOf(to ?? layer.box?.[axis]?.to);
  return { along, room: frame[side], short: Math.min(page.width, page.height), before: before ? along(before) : undefined, other: other && along(other) };
}

/** Say why a layer can't be moved or sized by hand; "" if it can. */
export function whyFixed(store, id, what) {
  const found = find(store.document, id);
  if (!found) return "Nothing is selected.";
  if (found.parent?.type === "stack") return what === "position" ? "Its stack places it. Reorder it in the list." : "";
  if (store.isReadOnly) return "The template is locked for you.";
  if (store.isLocked(found.layer, what)) return what === "position" ? "Its position is locked." : "Its size is locked.";
  if (!store.rectOf(id)) return "It does not show here, so it has no place to move from.";
  return "";
}

/** Say why a layer can't be put into another list, or elsewhere in its stack; "" if. */
export function whyKept(store, id, isReordered = false) {
  const found = find(store.document, id);
  if (!found || (isReordered && found.parent?.type !== "stack")) return "";
  return store.isLocked(found.layer, "position") ? "Its position is locked. Unlock it to move it." : "";
}

/** Leave of an axis what is locked: a position as it is while the size changes. */
function keepLocked(store, layer, old, value) {
  const keys = old.anchor === "both" ? ["end"] : ["size"];
  if (store.isLocked(layer, "position")) return { ...old, ...Object.fromEntries(keys.filter((key) => value[key] !== undefined).map((key) => [key, value[key]])) };
  if (store.isLocked(layer, "size") && old.anchor !== "both" && old.size !== undefined) return { ...value, size: old.size };
  return value;
}

/** Put a layer where a rectangle lies, in pixels of the format. */
export function placeAt(store, id, rect, key) {
  const found = find(store.document, id);
  const seen = seenIn(found.layer, store.target);
  const before = store.rectOf(id);
  if (!seen.box || !before) return;
  let next = store.document;
  for (const [axis, side] of AXES) {
    if (Math.abs(rect[axis] - before[axis]) < 0.01 && Math.abs(rect[side] - before[side]) < 0.01) continue;
    const { along, ...rest } = around(store, id, axis);
    const [start, length] = along(rect);
    const value = keepLocked(store, found.layer, seen.box[axis], place(seen.box[axis], start, length, rest));
    next = changeLayer(next, id, (layer) => write(layer, ["box", axis], value, store.target, store.scope));
  }
  store.expected = { id, rect };
  store.edit(next, { key });
}

/** Give a layer's axis another anchor; the layer stays where it is. */
export function anchorTo(store, id, axis, anchor, to = null) {
  const { along, ...rest } = around(store, id, axis, to);
  const rect = store.rectOf(id);
  if (!rect) return;
  const value = convert(anchor, ...along(rect), rest, to);
  store.edit(changeLayer(store.document, id, (layer) => write(layer, ["box", axis], value, store.target, store.scope)));
}

/** Give a stack's child a size along one side: pixels, "fill", "hug" or none. */
export function sizeIn(store, id, side, value, key) {
  const { size = {} } = store.seen;
  const next = { ...size, [side]: value };
  if (value === undefined) delete next[side];
  const whole = Object.keys(next).length ? next : undefined;
  store.edit(changeLayer(store.document, id, (layer) => write(layer, ["size"], whole, store.target, store.scope)), { key });
}

/** Move a layer by steps; a stack's child changes its size only. */
export function nudge(store, id, dx, dy, isSize) {
  const what = isSize ? "size" : "position";
  const why = whyFixed(store, id, what);
  if (why) return why;
  const rect = { ...store.rectOf(id) };
  if (!isSize) placeAt(store, id, { ...rect, x: rect.x + dx, y: rect.y + dy }, `nudge ${id}`);
  else resize(store, id, { ...rect, width: Math.max(1, rect.width + dx), height: Math.max(1, rect.height + dy) }, `size ${id}`);
  return "";
}

/** Size a layer: its box, or as a stack's child its size. */
export function resize(store, id, rect, key) {
  const { parent } = find(store.document, id);
  if (parent?.type !== "stack") return placeAt(store, id, rect, key);
  const before = store.rectOf(id);
  store.expected = { id, rect };
  for (const [, side] of AXES) if (Math.abs(rect[side] - before[side]) > 0.01) sizeIn(store, id, side, Math.round(rect[side]), key);
  return undefined;
}

/** Align a layer with the page's or its group's edges or middle. */
export function align(store, id, axis, where, isSafe) {
  const why = whyFixed(store, id, "position");
  if (why) return why;
  const rect = store.rectOf(id);
  const frame = { ...frameOf(store, id) };
  const { safe } = pageOf(store);
  if (isSafe) Object.assign(frame, { x: safe.left, y: safe.top, width: frame.width - safe.left - safe.right, height: frame.height - safe.top - safe.bottom });
  const side = axis === "x" ? "width" : "height";
  const share = { start: 0, center: 0.5, end: 1 }[where];
  placeAt(store, id, { ...rect, [axis]: frame[axis] + share * (frame[side] - rect[side]) });
  return "";
}
