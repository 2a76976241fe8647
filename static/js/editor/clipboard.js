/* Layers on the clipboard, also to another template: with the slots, colors and fonts
   that they name. */
import { changeLayer, copies, find, fitted, get, put, reset, walk } from "./layers.js";
import { addLayer } from "./make.js";
import { isDrawing } from "./drawings.js";

const MARK = "brandgen-layers";
const KEY = "brandgen.layers";
const FONT_FIELDS = ["font", "header_font"];

/** Pack a layer with what it needs. */
export function pack(document, id) {
  const { layer } = find(document, id);
  const used = { slots: {}, colors: {}, fonts: {} };
  for (const { layer: one } of walk([layer])) if (one.slot) used.slots[one.slot] = document.slots[one.slot];
  JSON.stringify(layer, (key, value) => {
    if (typeof value === "string" && document.tokens.colors[value]) used.colors[value] = document.tokens.colors[value];
    if (typeof value === "string" && FONT_FIELDS.includes(key)) used.fonts[value] = document.tokens.fonts?.[value];
    return value;
  });
  return JSON.stringify({ [MARK]: 1, layers: [layer], ...used });
}

/** Unpack layers into a document; returns [document, id] or null if it is no layer. */
export function unpack(document, text, beside, page) {
  let packed = null;
  try {
    packed = JSON.parse(text);
  } catch {
    return null;
  }
  if (!packed?.[MARK] || !Array.isArray(packed.layers)) return null;
  let next = document;
  for (const [name, slot] of Object.entries(packed.slots ?? {})) if (slot && !next.slots[name]) next = put(next, ["slots", name], slot);
  for (const [name, role] of Object.entries(packed.colors ?? {})) if (!next.tokens.colors[name]) next = put(next, ["tokens", "colors", name], role);
  for (const [name, font] of Object.entries(packed.fonts ?? {})) if (font && !next.tokens.fonts?.[name]) next = put(next, ["tokens", "fonts"], { ...next.tokens.fonts, [name]: font });
  let id = null;
  for (const layer of copies(next, packed.layers)) {
    next = addLayer(next, plain(layer, next, page), beside);
    id = layer.id;
  }
  return [next, id];
}

/** Make a layer stand by itself: with a box, without ties to what is not here. */
function plain(layer, document, page) {
  const rect = { x: page.width * 0.1, y: page.height * 0.1, width: page.width * 0.5, height: page.height * 0.2 };
  const known = { formats: document.formats, locales: document.locales ?? {} };
  let next = fitted(layer, null, rect);
  for (const [part, names] of Object.entries(known)) {
    for (const { layer: one, path } of walk([next], [])) {
      for (const key of Object.keys(one.overrides?.[part] ?? {})) {
        if (!names[key]) next = put([next], path, reset(get([next], path), part, key))[0];
      }
    }
  }
  const inside = new Set([...walk([next])].map((found) => found.layer.id));
  const loose = (key, value) => (value?.to && value.anchor && !inside.has(value.to) && !find(document, value.to) ? { anchor: "start", offset: 40, size: value.size ?? 200 } : value);
  return JSON.parse(JSON.stringify(next), loose);
}

/** Listen to copy, cut and paste; and keep a copy for browsers that give no access. */
export function listen(store, { say, remove, page, draw }) {
  const isFree = () => !document.activeElement?.matches("input, textarea, select") && !String(getSelection());
  const copy = (event) => {
    if (!isFree() || !store.selected) return false;
    const text = pack(store.document, store.selected);
    event.clipboardData.setData("text/plain", text);
    try {
      localStorage.setItem(KEY, text);
    } catch { /* the clipboard has it */ }
    event.preventDefault();
    say("Copied.");
    return true;
  };
  document.addEventListener("copy", copy);
  document.addEventListener("cut", (event) => { if (copy(event)) remove(); });
  document.addEventListener("paste", (event) => {
    if (document.activeElement?.matches("input, textarea, select")) return;
    const text = event.clipboardData.getData("text/plain");
    if (isDrawing(text)) {
      event.preventDefault();
      draw(text);
      return;
    }
    const found = unpack(store.document, text, store.selected, page());
    if (!found) return;
    event.preventDefault();
    store.edit(found[0], { select: found[1] });
    say("Pasted.");
  });
}

/** Copy by a button. */
export function copyNow(store) {
  const text = pack(store.document, store.selected);
  try {
    localStorage.setItem(KEY, text);
  } catch { /* no storage: the clipboard alone */ }
  navigator.clipboard?.writeText(text).catch(() => {});
}

/** Paste by a button: what was copied last in this browser. */
export function pasteNow(store, page) {
  let text = null;
  try {
    text = localStorage.getItem(KEY);
  } catch { /* no storage */ }
  const found = text && unpack(store.document, text, store.selected, page);
  if (!found) return false;
  store.edit(found[0], { select: found[1] });
  return true;
}

export const duplicate = (store) => {
  const { layer, parent, path } = find(store.document, store.selected);
  const [twin] = copies(store.document, [layer]);
  const list = parent ? [...find(store.document, parent.id).path, "children"] : ["layers"];
  const siblings = [...(parent ? parent.children : store.document.layers)];
  siblings.splice(path.at(-1) + 1, 0, twin);
  const next = put(store.document, list, siblings);
  return [changeLayer(next, twin.id, (own) => ({ ...own, ...(own.label && { label: `${own.label} copy` }) })), twin.id];
};
