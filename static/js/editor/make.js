/* New layers: what each kind begins with, from the brand's own colors and fonts. */
import { boxAt, changeLayer, find, freeName, get, idsOf, insert, put, walk } from "./layers.js";

const STAR = "M50 5 L61 38 L96 38 L68 59 L79 93 L50 72 L21 93 L32 59 L4 38 L39 38 Z";
const SIZES = {
  text: [0.6, 0.12], image: [0.5, 0.5], logo: [0.25, 0.07], shape: [0.3, 0.3], line: [0.4, 0.02], path: [0.2, 0.2], svg: [0.3, 0.3],
  qr: [0.2, 0.2], barcode: [0.3, 0.14], rating: [0.3, 0.06], table: [0.6, 0.2], ai_label: [0.3, 0.04], group: [0.5, 0.3], stack: [0.6, 0.3],
};

/** Give the name of a color token of a role, adding it if the template lacks it. */
export function colorToken(document, role) {
  const found = Object.entries(document.tokens.colors).find(([, own]) => own === role);
  if (found) return [document, found[0]];
  const name = freeName(role, Object.keys(document.tokens.colors));
  return [put(document, ["tokens", "colors", name], role), name];
}

function fontToken(document) {
  const [name] = Object.keys(document.tokens.fonts ?? {});
  if (name) return [document, name];
  return [put(document, ["tokens", "fonts"], { copy: { weight: 500 } }), "copy"];
}

/** Add a slot for a layer's content; returns [document, name]. */
export function addSlot(document, type, wanted, label) {
  const name = freeName(wanted, [...Object.keys(document.slots), ...Object.keys(document.data ?? {})]);
  const slot = type === "image" ? { type, label } : { type, label, max_chars: 60, example: label };
  return [put(document, ["slots", name], slot), name];
}

/** Give a rectangle of a kind's usual size around a point of the page. */
export function usualRect(type, page, middle = { x: page.width / 2, y: page.height / 2 }) {
  const short = Math.min(page.width, page.height);
  const [wide, high] = SIZES[type];
  const width = Math.round(Math.min(page.width, short * wide));
  const height = Math.max(4, Math.round(Math.min(page.height, short * high)));
  const x = Math.round(Math.min(Math.max(0, middle.x - width / 2), page.width - width));
  const y = Math.round(Math.min(Math.max(0, middle.y - height / 2), page.height - height));
  return { x, y, width, height };
}

/** Make a layer of a kind; returns [document, layer], the document with what it needs. */
export function makeLayer(before, type, rect, page, label) {
  const short = Math.min(page.width, page.height);
  const percent = (share) => `${Math.round(share * 1000) / 10}%`;
  let document = before;
  let color;
  let font;
  const take = (role) => ([document, color] = colorToken(document, role));
  take("ink");
  if (["text", "barcode", "table", "ai_label", "group", "stack"].includes(type)) [document, font] = fontToken(document);
  const layer = { type, id: freeName(type, idsOf(document)), box: boxAt(rect) };
  const letters = { font, color, largest: percent(Math.min(0.09, (rect.height / short) * 0.7)), smallest: percent(0.022) };
  const words = { type: "text", text: "Text", ...letters };
  const accent = () => take("accent")[1];
  switch (type) {
    case "text": return [document, { ...layer, text: "Text", ...letters }];
    case "image": {
      const [next, slot] = freeImageSlot(document);
      return [next, { ...layer, slot }];
    }
    case "logo": return [document, { ...layer, variant: "auto" }];
    case "shape": return [(accent(), document), { ...layer, fill: { type: "solid", color } }];
    case "line": return [document, { ...layer, line: { color, width: 4 } }];
    case "path": return [(accent(), document), { ...layer, data: STAR, fill: { type: "solid", color } }];
    case "qr": return [document, { ...layer, text: "https://example.com", color }];
    case "barcode": return [document, { ...layer, text: "4006381333931", color, font }];
    case "rating": {
      const full = color;
      take("neutral");
      return [document, { ...layer, text: "4.5", color: full, empty_color: color }];
    }
    case "table": return [document, { ...layer, columns: [{ share: 2 }, { share: 1, align: "end" }], rows: [["Size", "Price"], ["Small", "12"]], ...letters, largest: percent(0.035), has_header: true }];
    case "ai_label": return [document, { ...layer, texts: { default: "Made with AI" }, show: "always", ...letters, largest: percent(0.024), smallest: percent(0.018) }];
    case "group": return [document, { ...layer, children: [{ ...words, id: freeName("text", idsOf(document)), box: { x: { anchor: "both" }, y: { anchor: "both" } } }] }];
    default: return [document, { ...layer, label, gap: percent(0.02), children: [{ ...words, id: freeName("text", idsOf(document)), largest: percent(0.07) }] }];
  }
}

/** Take an image slot that no layer shows yet, or add one. */
function freeImageSlot(document) {
  const used = new Set([...walk(document.layers)].map((found) => found.layer.slot));
  const free = Object.entries(document.slots).find(([name, slot]) => slot.type === "image" && !used.has(name));
  return free ? [document, free[0]] : addSlot(document, "image", "picture", "Picture");
}

/** Put a layer into a new group or stack that lies where it lay. */
export function wrap(document, id, type, rect) {
  const { layer, path } = find(document, id);
  const outer = freeName(type, idsOf(document));
  const { box, size, ...rest } = layer;
  const inner = type === "group" ? { ...rest, box: { x: { anchor: "both" }, y: { anchor: "both" } } } : withSize(rest, rect);
  const holder = { type, id: outer, ...(box && { box: steady(box, rect) }), ...(size && { size }), children: [inner] };
  const next = put(document, path, holder);
  if (type !== "group") return [next, outer];
  // What was attached to the layer is attached to its group now.
  return [JSON.parse(JSON.stringify(next), (key, value) => (key === "to" && value === id ? outer : value)), outer];
}

function steady(box, rect) {
  const plain = boxAt(rect);
  return { x: box.x.to ? plain.x : box.x, y: box.y.to ? plain.y : box.y };
}

function withSize(layer, rect) {
  const knows = ["text", "ai_label", "stack", "table"].includes(layer.type);
  return knows ? layer : { ...layer, size: { width: Math.round(rect.width), height: Math.round(rect.height) } };
}

/** Put a group's or stack's layers in its place; `rectOf` says where each lies. */
export function unwrap(document, id, rectOf) {
  const { layer, path, parent } = find(document, id);
  const list = [...get(document, path.slice(0, -1))];
  const inner = layer.children.map((one) => {
    const { box, size, ...rest } = one;
    if (parent?.type === "stack") return { ...rest, ...(size && { size }) };
    const rect = rectOf(one.id) ?? { x: 0, y: 0, width: 200, height: 100 };
    return { ...rest, box: boxAt(rect) };
  });
  list.splice(path.at(-1), 1, ...inner);
  const next = put(document, path.slice(0, -1), list);
  const [first] = inner;
  return [JSON.parse(JSON.stringify(next), (key, value) => (key === "to" && value === id ? first.id : value)), first.id];
}

/** Insert a new layer: inside the selected group or stack, else above the selected one. */
export function addLayer(document, layer, beside) {
  const found = beside && find(document, beside);
  if (!found) return insert(document, layer);
  return insert(document, layer, found.parent?.type === "stack" ? null : found.parent?.id ?? null, found.parent?.type === "stack" ? Infinity : found.path.at(-1) + 1);
}

/** Let marketers fill in what was fixed: a slot with the text as its example. */
export function openSlot(document, id, label) {
  const { layer } = find(document, id);
  const [next, name] = addSlot(document, "text", layer.label || layer.id, label);
  const text = layer.text && !/\{[{%]/.test(layer.text) ? layer.text : label;
  const filled = put(next, ["slots", name], { ...next.slots[name], example: text, max_chars: Math.max(40, Math.ceil((text.length * 1.5) / 10) * 10) });
  return changeLayer(filled, id, ({ text: _, rows: __, ...rest }) => ({ ...rest, slot: name }));
}
