/* The boxes of layers: from a rectangle on the canvas back to anchors. The way there is
   the renderer's alone (brandgen/compositor/layout.py). */
const SHARES = { start: 0, center: 0.5, end: 1 };
const round = (number, digits = 1) => Math.round(number * 10 ** digits) / 10 ** digits;

/** Write a length in the unit of the one it replaces: pixels, or percent of `short`. */
export function inUnitOf(old, pixels, short) {
  return typeof old === "string" && old.endsWith("%") ? `${round((100 * pixels) / short, 3)}%` : round(pixels);
}

export const toPixels = (length, short) =>
  (typeof length === "string" && length.endsWith("%") ? (Number.parseFloat(length) * short) / 100 : Number(length) || 0);

/** Give the axis with the same anchor that puts a box from `start`, `length` long.
    `before` is where it was: [start, length]; `room` what it lies in; `other` the box
    that it is attached to: [start, length], null if that does not show. */
export function place(axis, start, length, { room, short, before = [NaN, NaN], other = null }) {
  const like = (old, pixels) => inUnitOf(old, pixels, short);
  const size = Math.abs(length - before[1]) < 0.05 && axis.size !== undefined ? axis.size : like(axis.size, length);
  const end = room - start - length;
  switch (axis.anchor) {
    case "start": return { ...axis, size, offset: like(axis.offset, start) };
    case "end": return { ...axis, size, offset: like(axis.offset, end) };
    case "center": return { ...axis, size, offset: like(axis.offset, start + length / 2 - room / 2) };
    case "both": return { ...axis, start: like(axis.start, start), end: like(axis.end, end) };
    case "scale": return { ...axis, start: clamp(round(start / room, 4)), size: clamp(round(length / room, 4)) };
    default: return attached(axis, start, length, { before, other, like, size });
  }
}

const clamp = (share) => Math.min(1, Math.max(0, share));

function attached(axis, start, length, { before, other, like, size }) {
  if (!other) return axis;
  const grew = Math.abs(length - before[1]) >= 0.05;
  const next = { ...axis };
  if (grew || axis.size !== undefined) next.size = size;
  if (axis.anchor === "after") next.gap = like(axis.gap, start - other[0] - other[1]);
  else if (axis.anchor === "before") next.gap = like(axis.gap, other[0] - start - length);
  else next.gap = like(axis.gap, start - other[0] - SHARES[axis.align ?? "start"] * (other[1] - length));
  return next;
}

/** Give another kind of anchor for the same place. */
export function convert(anchor, start, length, around, to = null) {
  const axis = { anchor };
  if (to) return place({ anchor, to, ...(anchor !== "along" && { size: 0 }) }, start, length, around);
  return place(axis, start, length, around);
}
