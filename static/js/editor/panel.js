/* The panel of the selected layer, made from the layer types' own schema. */
import { h, icon, iconButton } from "./dom.js";
import { slotRules } from "./content.js";
import { pictureOf } from "./pictures.js";
import { checkField, choiceField, field, lengthField, numberField, selectField, textField } from "./controls.js";
import { insertField } from "./data.js";
import { drawingFields } from "./drawings.js";
import { LayerFields } from "./fields.js";
import { changeLayer, find, fromPointer, nameOf, put, reset } from "./layers.js";
import { openSlot } from "./make.js";
import { Motion } from "./motion.js";
import { align, anchorTo, frameOf, placeAt, sizeIn, whyFixed } from "./placing.js";
import { refill } from "./refill.js";
import { Style } from "./style.js";
import { tidy, words } from "./telling.js";
import { LAYER_ICONS } from "./tree.js";

const LOCKS = [["position", "Position"], ["size", "Size"], ["style", "Style"], ["content", "Content"], ["visibility", "Visibility"], ["removal", "Removal"]];

export class Panel {
  /** Rules that are open to what they ask. */
  #told = new Set();

  constructor(store, place, { say, acts, page }) {
    Object.assign(this, { store, place, say, acts, page });
    this.fields = new LayerFields(store);
    this.style = new Style(store, this.fields);
    this.motion = new Motion(store, this.fields, { play: acts.play });
    store.on("document selection view drawn", () => this.show());
    this.show();
  }

  show() {
    const { store } = this;
    if (!store.layer) return refill(this.place, this.page());
    const { layer, seen } = store;
    this.layer = layer;
    const isContentLocked = store.isLocked(layer, "content");
    const isStyleLocked = store.isLocked(layer, "style");
    return refill(this.place,
      this.#head(layer),
      this.#scope(),
      this.#section("Content", this.#content(seen, isContentLocked), isContentLocked && "Its content is locked."),
      this.#section("Position and size", this.#position(seen)),
      this.#section("Style", this.style.controls(seen, isStyleLocked), isStyleLocked && "Its style is locked."),
      this.#section("Appearance", this.#appearance(seen, isStyleLocked)),
      this.#section("Motion", this.motion.controls(seen, isStyleLocked), isStyleLocked && "Its style is locked."),
      this.#section("Locks", this.#locks(layer)));
  }

  #section(title, parts, note) {
    const found = parts.flat().filter(Boolean);
    if (!found.length) return null;
    return h("section", { class: "ed-section" }, h("h3", {}, title), note && !this.store.isReadOnly && h("p", { class: "help" }, icon("lock"), ` ${note} Unlock it below to change it.`), found);
  }

  // --- Head -----------------------------------------------------------------------

  #head(layer) {
    const { store, acts } = this;
    const isKept = store.isLocked(layer, "removal");
    const whole = store.problem && fromPointer(store.document, store.problem.pointer);
    const problem = whole?.layer === layer.id && !whole.path.length ? tidy(store.problem.problem) : "";
    const found = store.drawn.findings.filter((one) => one.layer === layer.id);
    const name = textField(layer.label, (value) => this.fields.set(["label"], value), { most: 120, placeholder: nameOf(layer, store.document, store.words) });
    name.dataset.field = "name";
    name.setAttribute("aria-label", "Name of the layer");
    return h("section", { class: "ed-section ed-top" },
      h("div", { class: "row" }, icon(LAYER_ICONS[layer.type]), h("h2", { class: "grow" }, store.words.layers[layer.type]),
        iconButton("copy", "Duplicate (Ctrl D)", acts.duplicate, { "data-field": "do duplicate" }),
        iconButton("trash", isKept ? "Its removal is locked" : "Remove (Delete)", acts.remove, { disabled: isKept, "data-field": "do remove" })),
      name,
      problem && h("p", { class: "ed-error" }, icon("bad"), problem),
      found.map((one) => this.#finding(one)));
  }

  /** What a check found at the layer: its name opens to what it asks. */
  #finding({ rule, label, explanation, verdict, message, measured, allowed }) {
    const tone = verdict === "fail" ? "bad" : "warn";
    const toggle = ({ currentTarget }) => (currentTarget.open ? this.#told.add(rule) : this.#told.delete(rule));
    return h("div", { class: `ed-finding tone-${tone}` }, icon(tone),
      h("div", {},
        h("details", { class: "told", open: this.#told.has(rule), ontoggle: toggle },
          h("summary", { "data-field": `rule ${rule}` }, h("b", {}, label)), h("p", { class: "mut" }, explanation)),
        message, measured && h("span", { class: "mut" }, ` ${measured}${allowed ? `, allowed ${allowed}` : ""}.`)));
  }

  #scope() {
    const { store, layer } = this;
    const shape = store.shape.label || store.format;
    const language = store.locale && (store.document.locales[store.locale].label || store.locale);
    const keys = { classes: store.target.sizeClass, formats: store.format, locales: store.locale };
    const names = { classes: `${words(store, keys.classes, "size_class").toLowerCase()} formats`, formats: shape, locales: language };
    const parts = Object.keys(keys).filter((part) => keys[part]);
    const choices = [["", "All formats"], ...parts.map((part) => [part, part === "classes" ? `All ${names.classes}` : `Only ${names[part]}`])];
    const differing = parts.filter((part) => layer.overrides?.[part]?.[keys[part]]);
    return h("section", { class: "ed-section" }, h("span", { class: "ed-label" }, "Changes count for"),
      choiceField(store.scope, choices, (scope) => {
        store.scope = scope;
        this.show();
      }, { label: "Changes count for" }),
      differing.map((part) => h("button", {
        type: "button", class: "btn small quiet", "data-field": `reset all ${part}`,
        onclick: () => store.edit(changeLayer(store.document, layer.id, (own) => reset(own, part, keys[part]))),
      }, icon("undo"), `Reset all that differs in ${names[part]}`)));
  }

  // --- Content --------------------------------------------------------------------

  #content(seen, isDisabled) {
    const { store, layer } = this;
    const def = this.fields.definition();
    const parts = [];
    if (def.properties.slot) parts.push(this.#source(layer, def, isDisabled));
    if (layer.image) parts.push(pictureOf(store, layer, { isDisabled, choose: () => this.acts.choosePicture(layer.id), error: this.fields.error(["image"]) }));
    if (!layer.slot && def.properties.text) {
      parts.push(field("Text", textField(seen.text, (value) => this.fields.edit(["text"], value ?? ""), { lines: 2, most: 2000, isDisabled, isEmptyNothing: false }), { ...this.fields.about(["text"]), help: bindingHelp(store.document) }), insertField(store, { isDisabled }));
    }
    if (layer.slot && store.document.slots[layer.slot]) parts.push(slotRules(store, layer.slot, { isDisabled }));
    if (!layer.slot && def.properties.rows) parts.push(field("Rows, cells parted by |", textField((seen.rows ?? []).map((row) => row.join(" | ")).join("\n"), (value) => this.fields.edit(["rows"], (value ?? "").split("\n").map((row) => row.split("|").map((cell) => cell.trim()))), { lines: 4, isDisabled }), this.fields.about(["rows"])));
    if (def.properties.columns) parts.push(this.#columns(seen, isDisabled));
    if (def.properties.has_header) parts.push(checkField(store.words.fields.has_header, seen.has_header, (value) => this.fields.edit(["has_header"], value || undefined), { isDisabled, ...this.fields.about(["has_header"]) }));
    if (def.properties.texts) parts.push(field("Words, one market a line", textField(Object.entries(seen.texts).map(([market, text]) => `${market}: ${text}`).join("\n"), (value) => this.fields.edit(["texts"], readMarkets(value)), { lines: 3, isDisabled }), { ...this.fields.about(["texts"]), help: "default: is needed" }));
    if (def.properties.data) parts.push(field("Path data (SVG)", textField(seen.data, (value) => this.fields.edit(["data"], value ?? ""), { lines: 3, isMono: true, isDisabled }), this.fields.about(["data"])));
    if (def.properties.svg) parts.push(...drawingFields(store, this.fields, layer, seen, { isDisabled, replace: () => this.acts.replaceDrawing(layer.id) }));
    if (layer.children) parts.push(h("div", { class: "row wrap" }, h("button", { type: "button", class: "btn small", "data-field": "do unwrap", onclick: this.acts.unwrap }, "Take apart")));
    return parts;
  }

  #source(layer, def, isDisabled) {
    const { store } = this;
    const kind = layer.type === "image" ? "image" : "text";
    const slots = Object.entries(store.document.slots).filter(([, slot]) => slot.type === kind);
    const choices = slots.map(([name, slot]) => [name, slot.label || name]);
    if (kind === "text") choices.unshift(["", "Nobody: the text is fixed"]);
    else choices.push(["=", "Nobody: always the same picture"]);
    choices.push(["+", kind === "image" ? "A new picture slot" : "A new slot"]);
    const keep = (value) => {
      if (value === "+" && kind === "text") return store.edit(openSlot(store.document, layer.id, nameOf(layer, store.document, store.words)));
      if (value === "+") return store.edit(this.acts.newImageSlot(layer.id));
      if (value === "=") return this.acts.choosePicture(layer.id);
      if (value) return store.edit(changeLayer(store.document, layer.id, ({ text: _, rows: __, image: ___, ...rest }) => ({ ...rest, slot: value })));
      const example = store.document.slots[layer.slot]?.example || "Text";
      return store.edit(changeLayer(store.document, layer.id, ({ slot: _, ...rest }) => (def.properties.text ? { ...rest, text: example } : { ...rest, rows: [[example]] })));
    };
    return field("Filled in by", selectField(layer.slot ?? (kind === "image" ? "=" : ""), choices, keep, { isDisabled }), { error: this.fields.error(["slot"]), key: "slot" });
  }

  #columns(seen, isDisabled) {
    const columns = seen.columns ?? [];
    const keep = (next) => this.fields.edit(["columns"], next);
    return h("fieldset", { class: "ed-group" }, h("legend", {}, "Columns"),
      columns.map((column, index) => h("div", { class: "ed-pair" },
        field(`Share ${index + 1}`, numberField(column.share ?? 1, (share) => keep(put(columns, [index, "share"], share)), { least: 0.01, most: 100, isDisabled }), { key: `columns/${index}/share` }),
        field("Align", selectField(column.align ?? "start", alignments(this.store.words), (align_) => keep(put(columns, [index, "align"], align_)), { isDisabled })))),
      h("div", { class: "row" },
        h("button", { type: "button", class: "btn small", disabled: isDisabled || columns.length >= 8, onclick: () => keep([...columns, {}]) }, "Add a column"),
        h("button", { type: "button", class: "btn small quiet", disabled: isDisabled || columns.length < 2, onclick: () => keep(columns.slice(0, -1)) }, "Remove the last")));
  }

  // --- Position -------------------------------------------------------------------

  #position(seen) {
    const { store, layer } = this;
    const { parent } = find(store.document, layer.id);
    const rect = store.rectOf(layer.id);
    if (parent?.type === "stack") return this.#inStack(seen, parent);
    const isFixed = store.isLocked(layer, "position");
    const isSized = store.isLocked(layer, "size");
    const frame = frameOf(store, layer.id);
    const number = (label, key, value, isDisabled, change) => field(label, numberField(rect && Math.round(value * 10) / 10, (next) => rect && placeAt(store, layer.id, change(next), `field ${layer.id} ${key}`), { isDisabled: isDisabled || !rect }), { key: `rect/${key}`, inline: true });
    const note = isFixed || isSized ? h("p", { class: "help" }, icon("lock"), ` ${[whyFixed(store, layer.id, "position"), whyFixed(store, layer.id, "size")].filter(Boolean).join(" ")}`) : null;
    return [
      !rect && h("p", { class: "help" }, "It does not show in this format, so it has no place here."),
      note,
      h("div", { class: "ed-four" },
        number("X", "x", rect?.x - frame.x, isFixed, (x) => ({ ...rect, x: x + frame.x })),
        number("Y", "y", rect?.y - frame.y, isFixed, (y) => ({ ...rect, y: y + frame.y })),
        number("W", "width", rect?.width, isSized, (width) => ({ ...rect, width: Math.max(1, width) })),
        number("H", "height", rect?.height, isSized, (height) => ({ ...rect, height: Math.max(1, height) }))),
      this.#aligns(layer, isFixed || !rect),
      this.#anchor("x", seen, isFixed || isSized || !rect),
      this.#anchor("y", seen, isFixed || isSized || !rect),
    ];
  }

  #aligns(layer, isDisabled) {
    const button = (axis, where, name, label) => h("button", {
      type: "button", disabled: isDisabled, "aria-label": label, title: `${label} (Alt: within the safe zone)`, "data-field": `align ${axis} ${where}`,
      onclick: (event) => align(this.store, layer.id, axis, where, event.altKey),
    }, icon(name));
    return h("div", { class: "ed-choice", role: "group", "aria-label": "Align" },
      button("x", "start", "align-left", "Align left"), button("x", "center", "align-center", "Align to the middle"), button("x", "end", "align-right", "Align right"),
      button("y", "start", "align-top", "Align to the top"), button("y", "center", "align-middle", "Align to the middle, vertically"), button("y", "end", "align-bottom", "Align to the bottom"));
  }

  #anchor(axis, seen, isDisabled) {
    const { store, layer } = this;
    const own = seen.box?.[axis];
    if (!own) return null;
    const path = ["box", axis];
    const label = axis === "x" ? "Holds to, across" : "Holds to, down";
    const others = this.#attachable();
    const choices = Object.entries(store.words.anchors[axis]).filter(([name]) => others.length || !["after", "before", "along"].includes(name));
    const keep = (anchor) => anchorTo(store, layer.id, axis, anchor, ["after", "before", "along"].includes(anchor) ? own.to ?? others[0][0] : null);
    const parts = [field(label, selectField(own.anchor, choices, keep, { isDisabled }), this.fields.about(path))];
    const short = Math.min(store.shape.width_px, store.shape.height_px);
    const length = (name, key) => field(name, lengthField(own[key] ?? (key === "size" ? undefined : 0), (value) => this.fields.edit([...path, key], value ?? 0), { short, isDisabled }), { key: `box/${axis}/${key}` });
    if (own.to) {
      parts.push(h("div", { class: "ed-pair" }, field("Layer", selectField(own.to, others, (to) => anchorTo(store, layer.id, axis, own.anchor, to), { isDisabled }), { key: `box/${axis}/to` }), length("Gap", "gap")));
      if (own.size !== undefined) parts.push(checkField(own.anchor === "along" ? "As long as that layer" : "Reaches to the edge", false, () => this.fields.edit([...path, "size"], undefined), { isDisabled }));
    } else if (own.anchor === "both") parts.push(h("div", { class: "ed-pair" }, length("From the start", "start"), length("To the end", "end")));
    else if (own.anchor !== "scale") parts.push(h("div", { class: "ed-pair" }, length(own.anchor === "center" ? "From the middle" : "Distance", "offset"), length(axis === "x" ? "Width" : "Height", "size")));
    return h("div", { class: "ed-axis" }, parts);
  }

  /** Layers that this one may hold to: beside it, or in a stack there. */
  #attachable() {
    const { store, layer } = this;
    const { parent } = find(store.document, layer.id);
    const list = parent ? parent.children : store.document.layers;
    const found = [];
    const collect = (layers) => {
      for (const one of layers) {
        if (one.id === layer.id) continue;
        found.push([one.id, nameOf(one, store.document, store.words)]);
        if (one.type === "stack") collect(one.children);
      }
    };
    collect(list);
    return found;
  }

  #inStack(seen, parent) {
    const { store, layer } = this;
    const isDisabled = store.isLocked(layer, "size");
    const short = Math.min(store.shape.width_px, store.shape.height_px);
    const knows = ["text", "ai_label", "stack", "table"].includes(layer.type);
    const side = (name, label) => {
      const value = seen.size?.[name];
      const kind = value === undefined ? "" : ["hug", "fill"].includes(value) ? value : "fixed";
      const choices = [["fixed", "Fixed"], ["fill", "Fills what is left"]];
      if (knows || (name === "width" && layer.type === "logo")) choices.unshift(["hug", "As its content"]);
      if (knows || name === "width") choices.unshift(["", parent.direction === "row" || name === "height" ? "By itself" : "As the stack"]);
      const rect = store.rectOf(layer.id);
      const keep = (next) => sizeIn(store, layer.id, name, next === "" ? undefined : next === "fixed" ? Math.round(rect?.[name] ?? 100) : next);
      return h("div", { class: "ed-pair" }, field(label, selectField(kind, choices, keep, { isDisabled }), this.fields.about(["size"])),
        kind === "fixed" && field("Pixels", lengthField(value, (next) => sizeIn(store, layer.id, name, next ?? 1, `size ${layer.id} ${name}`), { short, isDisabled }), { key: `size/${name}` }));
    };
    const total = parent.children.length;
    const index = parent.children.findIndex((one) => one.id === layer.id);
    return [
      h("p", { class: "help" }, `Placed by its stack: ${index + 1} of ${total}.`),
      h("div", { class: "row" },
        h("button", { type: "button", class: "btn small", disabled: index === 0, "data-field": "do earlier", onclick: () => this.acts.reorder(-1) }, "Earlier"),
        h("button", { type: "button", class: "btn small", disabled: index === total - 1, "data-field": "do later", onclick: () => this.acts.reorder(1) }, "Later")),
      side("width", "Width"), side("height", "Height"),
      field("Room before it", lengthField(seen.size?.before, (value) => sizeIn(store, layer.id, "before", value, `before ${layer.id}`), { short, isNullable: true, isDisabled }), { key: "size/before", help: "Empty for the stack's gap" }),
    ];
  }

  // --- Appearance, locks ------------------------------------------------------------

  #appearance(seen, isDisabled) {
    const { store, layer } = this;
    const isSeenLocked = store.isLocked(layer, "visibility");
    const blends = store.setup.schema.TextLayer.properties.blend.enum;
    return [
      h("div", { class: "ed-pair" },
        field("Opacity", numberField(seen.opacity ?? 1, (value) => this.fields.edit(["opacity"], value ?? 1), { least: 0, most: 1, factor: 100, unit: "%", step: "1", isDisabled }), this.fields.about(["opacity"])),
        field("Blend", selectField(seen.blend ?? "normal", blends.map((one) => [one, words(store, one)]), (value) => this.fields.edit(["blend"], value), { isDisabled }), this.fields.about(["blend"]))),
      field("Shows only if", textField(seen.visible_if ?? "", (value) => this.fields.edit(["visible_if"], value ?? (this.fields.isOverridden(["visible_if"]) ? null : undefined)), { most: 300, isDisabled: isSeenLocked, placeholder: "always" }), { ...this.fields.about(["visible_if"]), help: "A slot's name for “when it is filled in”, or a condition: price and not sale" }),
      field(store.words.fields.link, textField(seen.link ?? "", (value) => this.fields.edit(["link"], value ?? (this.fields.isOverridden(["link"]) ? null : undefined)), { most: 2000, isDisabled: store.isLocked(layer, "content"), placeholder: "https://…" }), { ...this.fields.about(["link"]), help: "Where a click leads, in a PDF. {{ product.url }} takes it from the data" }),
      checkField("Hidden", seen.hidden, (value) => this.fields.edit(["hidden"], value || (this.fields.isOverridden(["hidden"]) ? false : undefined)), { isDisabled: isSeenLocked, ...this.fields.about(["hidden"]) }),
      Object.keys(store.document.locales ?? {}).length ? checkField(store.words.fields.mirror, seen.mirror ?? true, (value) => this.fields.edit(["mirror"], value), { isDisabled, ...this.fields.about(["mirror"]) }) : null,
    ];
  }

  #locks(layer) {
    const locked = new Set(layer.locked);
    return [h("div", { class: "chips" }, LOCKS.map(([name, label]) => h("label", { class: "chip" },
      h("input", {
        type: "checkbox", checked: locked.has(name), "data-field": `lock ${name}`,
        onchange: (event) => {
          if (event.target.checked) locked.add(name);
          else locked.delete(name);
          this.fields.set(["locked"], locked.size ? LOCKS.map(([one]) => one).filter((one) => locked.has(one)) : undefined);
        },
      }), icon("lock"), label))), h("p", { class: "help" }, "What is locked stays as it is until it is unlocked; the server refuses other changes.")];
  }
}

const alignments = (own) => ["start", "center", "end"].map((one) => [one, own.values[one]]);
const readMarkets = (text) => Object.fromEntries((text ?? "").split("\n").filter((line) => line.trim()).map((line) => {
  const at = line.indexOf(":");
  return at > 0 ? [line.slice(0, at).trim(), line.slice(at + 1).trim()] : ["default", line.trim()];
}));

function bindingHelp(document) {
  const [name] = Object.keys(document.data ?? {});
  return name ? `{{ ${name}.${Object.keys(document.data[name])[0]} }} prints data` : null;
}
