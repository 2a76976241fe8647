/* The look of the chosen layer: a control for every field that its schema names. */
import { h } from "./dom.js";
import { checkField, choiceField, colorField, field, lengthField, numberField, selectField, textField } from "./controls.js";
import { put } from "./layers.js";
import { colorToken } from "./make.js";
import { paletteOf, words } from "./telling.js";

const CONTENT = ["slot", "text", "texts", "image", "rows", "columns", "has_header", "data", "svg", "colors"];
const OWN_PLACE = ["id", "type", "label", "box", "size", "opacity", "blend", "mirror", "hidden", "visible_if", "link", "motion", "pages", "locked", "overrides", "children"];
const FIRST = ["font", "color", "largest", "smallest", "size_step", "align", "valign"];
const COLORS = new Set(["color", "ground", "empty_color", "header_color"]);
const FONTS = new Set(["font", "header_font"]);
const FILLS = new Set(["SolidFill", "LinearFill", "ScrimFill"]);

export class Style {
  constructor(store, fields) {
    Object.assign(this, { store, fields });
  }

  /** Give a control for every property of the layer's own look. */
  controls(seen, isDisabled) {
    const { properties } = this.fields.definition();
    const names = Object.keys(properties).filter((name) => !OWN_PLACE.includes(name) && !CONTENT.includes(name));
    if (seen.type === "image" && seen.fit !== "contain") drop(names, ["align", "valign"]); // it fills its box
    names.sort((a, b) => order(a) - order(b));
    return names.map((name) => this.#control([name], properties[name], seen[name], isDisabled));
  }

  /** Make the control that a field's schema asks for. */
  #control(path, schema, value, isDisabled) {
    const { store } = this;
    const name = path.at(-1);
    const label = store.words.fields[name] ?? name;
    const { kind, isNullable, inner } = resolve(schema, store.setup.schema);
    const keep = (next) => this.fields.edit(path, next === undefined && isNullable && this.fields.isOverridden(path) ? null : next);
    const about = this.fields.about(path);
    const short = Math.min(store.shape.width_px, store.shape.height_px);
    if (COLORS.has(name)) return field(label, this.#color(value, keep, isNullable, isDisabled), about);
    if (FONTS.has(name)) return field(label, selectField(value ?? "", this.#fonts(isNullable), (next) => keep(next || undefined), { isDisabled }), about);
    if (kind === "fill") return this.#fill(path, label, value, isNullable, isDisabled, about);
    if (kind === "length") return field(label, lengthField(value ?? this.#lengthDefault(name), keep, { short, isNullable, isDisabled }), about);
    if (kind === "object") return this.#object(path, label, inner, value, isNullable, isDisabled, about);
    if (kind === "enum") return field(label, selectField(value ?? inner.enum[0], inner.enum.map((one) => [one, words(store, one, name)]), keep, { isDisabled }), about);
    if (kind === "boolean") return checkField(label, value, (next) => keep(next || undefined), { isDisabled, ...about });
    if (kind === "number") return field(label, numberField(value ?? DEFAULTS[name], (next) => keep(next), { least: inner.minimum, most: inner.maximum, step: inner.type === "integer" ? "1" : "any", isDisabled }), about);
    if (name === "size_group") return field(label, textField(value, keep, { most: 40, isDisabled, placeholder: "Its own size" }), { ...about, help: "Texts with the same word here share the smallest size that one of them needs." });
    if (name === "focal") return this.#focal(value, isDisabled, about);
    if (name === "dash" || name === "view") return field(label, textField((value ?? (name === "view" ? [0, 0, 100, 100] : [])).join(" "), (next) => keep(readNumbers(next)), { isDisabled, placeholder: name === "dash" ? "12 8" : undefined }), about);
    return null;
  }

  #lengthDefault(name) {
    const { type } = this.store.layer;
    return { gap: type === "rating" ? 4 : 0, radius: 0, padding_x: type === "table" ? 8 : 0, padding_y: type === "table" ? 6 : 0, blur: 0 }[name];
  }

  #color(value, keep, isNullable, isDisabled) {
    const { store } = this;
    return colorField(value, (one) => {
      if (one === null) return keep(undefined);
      if (one.token) return keep(one.token);
      const [document, token] = colorToken(store.document, one.role);
      store.edit(document);
      return keep(token);
    }, { palette: paletteOf(store), isNullable, isDisabled });
  }

  #fonts(isNullable) {
    const { store } = this;
    const fonts = Object.entries(store.document.tokens.fonts ?? {}).map(([name, font]) => [name, `${name}: ${font.family && font.family !== "brand" ? font.family : "brand font"} ${font.weight ?? 400}`]);
    return isNullable ? [["", "None"], ...fonts] : fonts;
  }

  #object(path, label, inner, value, isNullable, isDisabled, about) {
    const { store } = this;
    const isOn = value !== undefined && value !== null;
    const fields = () => Object.entries(inner.properties).map(([name, schema]) => this.#control([...path, name], schema, value?.[name] ?? (isNullable && COLORS.has(name) ? value?.color : undefined), isDisabled));
    if (!isNullable) return h("fieldset", { class: "ed-group" }, h("legend", {}, label), about.mark, fields());
    const turn = (next) => {
      const [document, color] = colorToken(store.document, "accent");
      if (next && inner.properties.color) store.edit(document);
      this.fields.edit(path, next ? { ...(inner.properties.color && { color }) } : this.fields.isOverridden(path) ? null : undefined);
    };
    return h("fieldset", { class: "ed-group" }, checkField(label, isOn, turn, { isDisabled, ...about }), isOn && fields());
  }

  #fill(path, label, value, isNullable, isDisabled, about) {
    const { store } = this;
    const kinds = [...(isNullable ? [["", "None"]] : []), ["solid", "Solid"], ["linear", "Gradient"], ["scrim", "Scrim"]];
    const color = value?.color ?? value?.stops?.[0]?.color ?? Object.keys(store.document.tokens.colors)[0];
    const begin = { solid: { type: "solid", color }, linear: { type: "linear", stops: [{ at: 0, color }, { at: 1, color, opacity: 0 }] }, scrim: { type: "scrim", color } };
    const keep = (type) => this.fields.edit(path, begin[type] ?? (this.fields.isOverridden(path) ? null : undefined));
    const parts = [field(label, choiceField(value?.type ?? "", kinds, keep, { isDisabled, label }), about)];
    const percent = (own, at) => field("Opacity", numberField(own ?? (value.type === "scrim" ? 0.7 : 1), (next) => this.fields.edit([...path, ...at], next ?? 1), { least: 0, most: 1, factor: 100, unit: "%", step: "1", isDisabled }), { key: [...path, ...at].join("/") });
    if (value?.type === "solid" || value?.type === "scrim") {
      parts.push(field("Color", this.#color(value.color, (next) => this.fields.edit([...path, "color"], next), false, isDisabled), { error: this.fields.error([...path, "color"]), key: [...path, "color"].join("/") }));
      if (value.type === "scrim") parts.push(field("Strongest at", choiceField(value.strongest ?? "bottom", ["top", "right", "bottom", "left"].map((one) => [one, words(store, one)]), (next) => this.fields.edit([...path, "strongest"], next), { isDisabled, label: "Strongest at" })));
      parts.push(percent(value.opacity, ["opacity"]));
    }
    if (value?.type === "linear") parts.push(...this.#stops(path, value, isDisabled));
    return h("div", { class: "ed-group" }, parts);
  }

  #stops(path, value, isDisabled) {
    const keep = (stops) => this.fields.edit([...path, "stops"], stops);
    const { stops } = value;
    return [
      ...stops.map((stop, index) => h("div", { class: "ed-stop" },
        field(`Color ${index + 1}`, this.#color(stop.color, (next) => keep(put(stops, [index, "color"], next)), false, isDisabled), { key: [...path, index, "color"].join("/") }),
        h("div", { class: "ed-pair" },
          field("At", numberField(stop.at, (at) => keep(put(stops, [index, "at"], at ?? 0)), { least: 0, most: 1, factor: 100, unit: "%", step: "1", isDisabled }), { key: [...path, index, "at"].join("/"), error: this.fields.error([...path, "stops", String(index)]) }),
          field("Opacity", numberField(stop.opacity ?? 1, (opacity) => keep(put(stops, [index, "opacity"], opacity ?? 1)), { least: 0, most: 1, factor: 100, unit: "%", step: "1", isDisabled }), { key: [...path, index, "opacity"].join("/") })))),
      h("div", { class: "row" },
        h("button", { type: "button", class: "btn small", disabled: isDisabled || stops.length >= 8, onclick: () => keep([...stops, { ...stops.at(-1), at: 1 }]) }, "Add a color"),
        h("button", { type: "button", class: "btn small quiet", disabled: isDisabled || stops.length <= 2, onclick: () => keep(stops.slice(0, -1)) }, "Remove the last")),
      field("Angle", numberField(value.angle_deg ?? 90, (angle) => this.fields.edit([...path, "angle_deg"], angle ?? 90), { least: -360, most: 360, unit: "°", isDisabled }), { key: [...path, "angle_deg"].join("/"), help: "0° runs to the right, 90° down" }),
    ];
  }

  #focal(value, isDisabled, about) {
    const keep = (index, next) => this.fields.edit(["focal"], put(value, [index], next ?? 0.5));
    return h("div", { class: "ed-group" },
      checkField("Focal point of its own", Boolean(value), (isOn) => this.fields.edit(["focal"], isOn ? [0.5, 0.5] : this.fields.isOverridden(["focal"]) ? null : undefined), { isDisabled, ...about }),
      value && h("div", { class: "ed-pair" }, ["From the left", "From the top"].map((label, index) => field(label, numberField(value[index], (next) => keep(index, next), { least: 0, most: 1, factor: 100, unit: "%", step: "1", isDisabled }), { key: `focal/${index}` }))),
      !value && h("p", { class: "help" }, "Without one, the picture's own focal point stays in view."));
  }
}

const DEFAULTS = { max_lines: 3, line_height: 1.2, letter_spacing_em: 0, quiet: 4, count: 5, brightness: 1, contrast: 1, saturation: 1, grayscale: 0 };
const drop = (names, out) => { for (const one of out) names.splice(names.indexOf(one), 1); };
const order = (name) => (FIRST.includes(name) ? FIRST.indexOf(name) : FIRST.length);
const readNumbers = (text) => (text ?? "").split(/[\s,]+/).filter(Boolean).map((part) => (part.endsWith("%") ? part : Number(part))).filter((one) => typeof one === "string" || Number.isFinite(one));

/** Say what kind of control a schema asks for. */
function resolve(schema, schemas) {
  const choices = schema.anyOf ?? [schema];
  const real = choices.filter((one) => one.type !== "null");
  const isNullable = real.length < choices.length;
  const flat = real.flatMap((one) => one.anyOf ?? [one]);
  const names = flat.map((one) => one.$ref?.split("/").at(-1));
  if (names.some((name) => FILLS.has(name))) return { kind: "fill", isNullable };
  if (flat.some((one) => one.pattern?.includes("%"))) return { kind: "length", isNullable };
  if (names[0]) return { kind: "object", isNullable, inner: schemas[names[0]] };
  const [inner] = flat;
  if (inner.enum) return { kind: "enum", isNullable, inner };
  if (inner.type === "boolean") return { kind: "boolean", isNullable, inner };
  if (inner.type === "integer" || inner.type === "number") return { kind: "number", isNullable, inner };
  return { kind: inner.type, isNullable, inner };
}
