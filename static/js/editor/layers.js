/* A template document as data: find, change, add, move layers. Pure functions: each
   returns a new document that shares what did not change, so history costs little. */
const PARTS = ["classes", "formats", "locales"]; // the later wins

/** Walk all layers, from back to front: {layer, path, parent, depth}. */
export function* walk(layers, path = ["layers"], parent = null, depth = 0) {
  for (const [index, layer] of layers.entries()) {
    const place = [...path, index];
    yield { layer, path: place, parent, depth };
    if (layer.children) yield* walk(layer.children, [...place, "children"], layer, depth + 1);
  }
}

/** Find a layer by its id. */
export function find(document, id) {
  for (const found of walk(document.layers)) if (found.layer.id === id) return found;
  return null;
}

/** Set a value deep inside; undefined takes it away. */
export function put(node, [key, ...rest], value) {
  const copy = Array.isArray(node) ? [...node] : { ...node };
  if (rest.length) copy[key] = put(node?.[key] ?? {}, rest, value);
  else if (value !== undefined) copy[key] = value;
  else if (Array.isArray(copy)) copy.splice(key, 1);
  else delete copy[key];
  return copy;
}

export const get = (node, path) => path.reduce((value, key) => value?.[key], node);

/** Change one layer by a function. */
export function changeLayer(document, id, change) {
  const found = find(document, id);
  return found ? put(document, found.path, change(found.layer)) : document;
}

const keysOf = (target) => ({ classes: target.sizeClass, formats: target.format, locales: target.locale });

/** Give a layer as it is in one format and locale: what differs there is put over it. */
export function seenIn(layer, target) {
  const keys = keysOf(target);
  let seen = layer;
  for (const part of PARTS) {
    const changes = layer.overrides?.[part]?.[keys[part]];
    if (!changes) continue;
    const box = changes.box && seen.box ? { ...seen.box, ...changes.box } : changes.box ?? seen.box;
    seen = { ...seen, ...changes, ...(box && { box }) };
  }
  return seen;
}

/** Say where the value of a field comes from: "classes", "formats", "locales" or "". */
export function originOf(layer, path, target) {
  const keys = keysOf(target);
  const top = path[0] === "box" ? path.slice(0, 2) : path.slice(0, 1);
  return PARTS.findLast((part) => get(layer.overrides?.[part]?.[keys[part]], top) !== undefined) ?? "";
}

/** Write a field for everywhere (scope ""), one format or one locale. What already
    differs in the shown format is changed where it differs, or nobody would see it. */
export function write(layer, path, value, target, scope = "") {
  const part = [scope, originOf(layer, path, target)].reduce((a, b) => (PARTS.indexOf(b) > PARTS.indexOf(a) ? b : a));
  if (!part) return put(layer, path, value);
  const whole = path[0] === "box" ? path.slice(0, 2) : path.slice(0, 1);
  const changed = get(put(seenIn(layer, target), path, value), whole);
  return put(layer, ["overrides", part, keysOf(target)[part], ...whole], changed ?? null);
}

/** Take away what differs of one field, or all that does, in a format or locale. */
export function reset(layer, part, key, path = null) {
  let changes = layer.overrides[part][key];
  if (path) {
    changes = put(changes, path, undefined);
    if (changes.box && !Object.keys(changes.box).length) changes = put(changes, ["box"], undefined);
  }
  const isEmpty = !path || !Object.keys(changes).length;
  let next = put(layer, ["overrides", part, key], isEmpty ? undefined : changes);
  if (!Object.keys(next.overrides[part]).length) next = put(next, ["overrides", part], undefined);
  return Object.keys(next.overrides).length ? next : put(next, ["overrides"], undefined);
}

/** Make a name that no layer, or no key of an object, has yet. */
export function freeName(wanted, taken) {
  const plain = wanted.toLowerCase().normalize("NFD").replace(/[^a-z0-9_-]+/g, "_").replace(/^[^a-z]+/, "").slice(0, 34) || "layer";
  const known = new Set(taken);
  let name = plain;
  for (let n = 2; known.has(name); n += 1) name = `${plain}_${n}`;
  return name;
}

export const idsOf = (document) => [...walk(document.layers)].map((found) => found.layer.id);

/** Give copies of layers whose ids are free, attached to each other as before. */
export function copies(document, layers) {
  const taken = idsOf(document);
  const names = new Map();
  for (const { layer } of walk(layers)) {
    const id = freeName(layer.id.replace(/_\d+$/, ""), taken);
    taken.push(id);
    names.set(layer.id, id);
  }
  return JSON.parse(JSON.stringify(layers), (key, value) => {
    if (key === "to" && names.has(value)) return names.get(value);
    return value && typeof value === "object" && value.type && names.has(value.id) ? { ...value, id: names.get(value.id) } : value;
  });
}

/** Put a layer into a list of layers, given by the id of its parent or null. */
export function insert(document, layer, parentId = null, index = Infinity) {
  const found = parentId && find(document, parentId);
  const path = found ? [...found.path, "children"] : ["layers"];
  const list = [...get(document, path)];
  list.splice(Math.min(index, list.length), 0, layer);
  return put(document, path, list);
}

/** Take a layer out; null where the list it stands in would be empty. */
export function remove(document, id) {
  const { path } = find(document, id);
  const list = get(document, path.slice(0, -1));
  if (list.length === 1) return null;
  return detach(put(document, path.slice(0, -1), list.filter((layer) => layer.id !== id)), document, id);
}

/** Boxes that were attached to a layer that is gone hold to the edge instead. */
function detach(document, before, id) {
  const gone = new Set([...walk([find(before, id).layer])].map((found) => found.layer.id));
  return JSON.parse(JSON.stringify(document), (key, value) =>
    (value && gone.has(value.to) && value.anchor ? { anchor: "start", size: value.size ?? 200, offset: 0 } : value));
}

/** Move a layer one step among its siblings: +1 to the front, -1 to the back. */
export function step(document, id, by) {
  const { path } = find(document, id);
  const list = [...get(document, path.slice(0, -1))];
  const from = path.at(-1);
  const to = from + by;
  if (to < 0 || to >= list.length) return document;
  list.splice(to, 0, list.splice(from, 1)[0]);
  return put(document, path.slice(0, -1), list);
}

/** Fit a layer to where it goes: a stack's child has a size, all others a box. */
export function fitted(layer, parent, rect) {
  const { box, size, ...rest } = layer;
  if (parent?.type !== "stack") {
    if (box) return layer;
    const next = { ...rest, box: boxAt(rect) };
    return withoutBoxes(next, false);
  }
  if (size || !box) return layer;
  const next = { ...rest };
  const knows = ["text", "ai_label", "stack", "table"].includes(layer.type);
  if (!knows) next.size = { width: Math.round(rect.width), height: Math.round(rect.height) };
  return withoutBoxes(next, true);
}

function withoutBoxes(layer, isInStack) {
  const field = isInStack ? "box" : "size";
  let next = layer;
  for (const part of PARTS) {
    for (const key of Object.keys(next.overrides?.[part] ?? {})) {
      if (next.overrides[part][key][field]) next = reset(next, part, key, [field]);
    }
  }
  return next;
}

export const boxAt = (rect) => ({
  x: { anchor: "start", offset: Math.round(rect.x), size: Math.max(1, Math.round(rect.width)) },
  y: { anchor: "start", offset: Math.round(rect.y), size: Math.max(1, Math.round(rect.height)) },
});

/** Move a layer to another place in the tree: into a parent (or null), at an index. */
export function move(document, id, parentId, index, rect) {
  const found = find(document, id);
  const parent = parentId ? find(document, parentId)?.layer : null;
  if (parentId && [...walk([found.layer])].some((one) => one.layer.id === parentId)) return document;
  const siblings = get(document, found.path.slice(0, -1));
  if ((found.parent?.id ?? null) === parentId) {
    const at = found.path.at(-1) < index ? index - 1 : index;
    return step(document, id, at - found.path.at(-1));
  }
  if (siblings.length === 1) return document;
  const without = remove(document, id);
  return insert(without, fitted(found.layer, parent, rect), parentId, index);
}

/** What a layer is called: its name, or what it shows. */
export function nameOf(layer, document, words) {
  if (layer.label) return layer.label;
  const slot = layer.slot && document.slots[layer.slot];
  if (slot) return slot.label || layer.slot;
  if (layer.text) return layer.text.length > 28 ? `${layer.text.slice(0, 27)}…` : layer.text;
  return words.layers[layer.type] ?? layer.id;
}

/** Say which layer and which of its fields a JSON pointer leads to. */
export function fromPointer(document, pointer) {
  const keys = (pointer || "").split("/").slice(1).map((key) => key.replaceAll("~1", "/").replaceAll("~0", "~"));
  if (keys[0] === "data" && keys[1]) return { data: keys[1], path: keys.slice(2) };
  if (keys[0] === "slots") return { slot: keys[1], path: keys.slice(2) };
  if (keys[0] === "formats" || keys[0] === "locales") return { [keys[0].slice(0, -1)]: keys[1], path: keys.slice(2) };
  if (keys[0] !== "layers") return { path: keys };
  let node = document.layers[keys[1]];
  let at = 2;
  while (node && keys[at] === "children" && keys[at + 1] !== undefined) {
    node = node.children?.[keys[at + 1]];
    at += 2;
  }
  const rest = keys.slice(at);
  return { layer: node?.id, path: rest[0] === "overrides" ? rest.slice(3) : rest };
}
