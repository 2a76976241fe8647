/* References from texts and conditions to the template's data: {{ product.price }}.
   Pure functions on a document. The server reads bindings; here they are only found. */
import { freeName, put, walk } from "./layers.js";

const TEXTS = ["text", "texts", "rows"];
const BRACES = /\{\{.*?\}\}|\{%.*?%\}/gs;
const QUOTED = /("[^"]*"|'[^']*')/;
/** Names that bindings know anyway. */
const KNOWN = ["format", "locale"];

/** Write how a text shows a part: "{{ product.price }}". */
export const bindingOf = (owner, part) => `{{ ${owner}.${part} }}`;

const patternOf = (owner, part) => new RegExp(part === undefined ? `(?<![\\w.])${owner}(?![\\w-])` : `(?<![\\w.])${owner}\\s*\\.\\s*${part}(?![\\w-])`, "g");

/** Change an expression by a function, but for what stands in quotes. */
const outsideQuotes = (expression, change) => expression.split(QUOTED).map((bit, index) => (index % 2 ? bit : change(bit))).join("");

/** Change every expression of a layer's own texts and condition, wherever they differ. */
function eachExpression(layer, change) {
  const inText = (text) => text.replace(BRACES, (found) => outsideQuotes(found, change));
  const deep = (value) => (typeof value === "string" ? inText(value)
    : Array.isArray(value) ? value.map(deep)
      : value && typeof value === "object" ? Object.fromEntries(Object.entries(value).map(([key, one]) => [key, deep(one)])) : value);
  const fields = (own) => Object.fromEntries(Object.entries(own).map(([key, value]) => {
    if (TEXTS.includes(key)) return [key, deep(value)];
    if (key === "visible_if" && value) return [key, outsideQuotes(value, change)];
    return [key, value];
  }));
  const overrides = layer.overrides && Object.fromEntries(Object.entries(layer.overrides).map(([part, keys]) => [part, Object.fromEntries(Object.entries(keys).map(([key, own]) => [key, fields(own)]))]));
  return { ...fields(layer), ...(overrides && { overrides }) };
}

/** Give the layers whose texts or conditions name a part, or anything of a group. */
export function usesOfData(document, owner, part) {
  const found = [];
  for (const { layer } of walk(document.layers)) {
    let isUsed = false;
    eachExpression(layer, (bit) => {
      isUsed ||= patternOf(owner, part).test(bit);
      return bit;
    });
    if (isUsed) found.push(layer);
  }
  return found;
}

function renameIn(layers, pattern, name) {
  return layers.map((layer) => {
    const own = eachExpression(layer, (bit) => bit.replace(pattern, name));
    return layer.children ? { ...own, children: renameIn(layer.children, pattern, name) } : own;
  });
}

const renamed = (object, from, to) => Object.fromEntries(Object.entries(object).map(([key, value]) => [key === from ? to : key, value]));

/** Make a name that a binding can say: a hyphen would take away. */
const sayable = (wanted, taken) => freeName(freeName(wanted, []).replaceAll("-", "_"), taken);

/** Names that a group of data can't have: of slots, of other groups, of what is known. */
const takenBy = (document) => [...Object.keys(document.slots), ...Object.keys(document.data ?? {}), ...KNOWN];

/** Add a group with one part; returns [document, name]. */
export function addGroup(document) {
  const name = sayable("product", takenBy(document));
  return [put(document, ["data"], { ...document.data, [name]: { name: "Name" } }), name];
}

/** Add a part to a group; returns [document, name]. */
export function addPart(document, owner) {
  const name = sayable("part", Object.keys(document.data[owner]));
  return [put(document, ["data", owner, name], "Example"), name];
}

/** Rename a group; texts that name it follow. Returns [document, name]. */
export function renameGroup(document, owner, wanted) {
  if (!wanted.trim() || wanted === owner) return [document, owner];
  const name = sayable(wanted, takenBy(document).filter((one) => one !== owner));
  const next = put(document, ["data"], renamed(document.data, owner, name));
  return [put(next, ["layers"], renameIn(next.layers, patternOf(owner), name)), name];
}

/** Rename a part; texts that name it follow. Returns [document, name]. */
export function renamePart(document, owner, part, wanted) {
  if (!wanted.trim() || wanted === part) return [document, part];
  const others = Object.keys(document.data[owner]).filter((one) => one !== part);
  const name = sayable(wanted, others);
  const next = put(document, ["data", owner], renamed(document.data[owner], part, name));
  return [put(next, ["layers"], renameIn(next.layers, patternOf(owner, part), `${owner}.${name}`)), name];
}

/** Take a part out, and its group with the last one. */
export function removePart(document, owner, part) {
  const next = put(document, ["data", owner, part], undefined);
  return Object.keys(next.data[owner]).length ? next : removeGroup(document, owner);
}

export function removeGroup(document, owner) {
  const next = put(document, ["data", owner], undefined);
  return Object.keys(next.data).length ? next : put(next, ["data"], undefined);
}
