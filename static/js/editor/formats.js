/* Formats and languages of a template: sizes of the library, own sizes, safe zones. */
import { h, icon, remembering } from "./dom.js";
import { field, numberField, selectField, textField } from "./controls.js";
import { freeName, fromPointer, put, reset, walk } from "./layers.js";
import { refill } from "./refill.js";
import { tidy } from "./telling.js";

const ON_SCREEN = ["width_px", "height_px"];
const ON_PAPER = ["width_mm", "height_mm", "bleed_mm", "safe_mm", "dpi"];
/** What `unset` stands for on paper, as the format of templates has it. */
const FIGURES = {
  width_px: { label: "Width", least: 16, most: 8192, step: "1", unit: "px" },
  height_px: { label: "Height", least: 16, most: 8192, step: "1", unit: "px" },
  width_mm: { label: "Width", least: 10, most: 1200, unit: "mm" },
  height_mm: { label: "Height", least: 10, most: 1200, unit: "mm" },
  bleed_mm: { label: "Bleed", least: 0, most: 20, unit: "mm", unset: 3 },
  safe_mm: { label: "Safe zone", least: 0, most: 50, unit: "mm", unset: 4 },
  dpi: { label: "Resolution", least: 36, most: 1200, step: "1", unit: "DPI", unset: 300 },
};
const SIDES = [["top", "Top"], ["right", "Right"], ["bottom", "Bottom"], ["left", "Left"]];

export class Formats {
  #open = new Set();
  #own = { width_px: 1080, height_px: 1080 };
  #paper = { width_mm: 210, height_mm: 297, bleed_mm: 3, dpi: 300 };
  #tag = "";

  constructor(store, place) {
    Object.assign(this, { store, place });
    store.on("document view drawn", () => this.show());
    this.show();
  }

  show() {
    const { store } = this;
    const formats = Object.entries(store.document.formats);
    refill(this.place,
      h("ul", { class: "ed-cards" }, formats.map(([name, shape]) => this.#card(name, shape))),
      this.#adding(),
      h("h2", {}, "Languages"),
      h("ul", { class: "ed-cards" }, Object.entries(store.document.locales ?? {}).map(([tag, locale]) => this.#locale(tag, locale))),
      h("form", { class: "row", onsubmit: (event) => this.#addLocale(event) },
        h("input", { type: "text", value: this.#tag, "aria-label": "Language tag", placeholder: "de, ar, pt-BR", maxlength: 20, pattern: "[a-z]{2,3}(-[A-Za-z0-9]{2,8}){0,3}", title: "A language tag: de, ar, pt-BR", "data-field": "tag", oninput: (event) => { this.#tag = event.target.value; } }),
        h("button", { class: "btn small" }, icon("plus"), "Language")));
  }

  #keep(path) {
    return (value) => this.store.edit(put(this.store.document, path, value), { key: path.join("/") });
  }

  #card(name, own) {
    const { store } = this;
    const shape = store.shapes[name] ?? { width_px: own.width_px, height_px: own.height_px, safe_zone: {} };
    const wrong = store.problem && fromPointer(store.document, store.problem.pointer);
    const error = wrong?.format === name ? tidy(store.problem.problem) : "";
    const isOnly = Object.keys(store.document.formats).length === 1;
    const figure = (key) => {
      const { label, unset, ...limits } = FIGURES[key];
      const shown = own[key] ?? (own.width_mm === undefined ? 0 : unset);
      const differs = typeof shown === "object"; // a bleed that is not the same on all sides
      return field(label, numberField(differs ? undefined : shown, (value) => this.#keep(["formats", name, key])(value ?? shown), { ...limits, ...(differs && { placeholder: "differs" }) }), { key: `format ${name} ${key}` });
    };
    const zone = own.safe_zone ?? shape.safe_zone ?? {};
    return h("li", { "data-id": name }, h("details", { class: "ed-card", open: this.#open.has(name) || Boolean(error), ontoggle: (event) => (event.currentTarget.open ? this.#open.add(name) : this.#open.delete(name)) },
      h("summary", { "data-field": `format ${name}`, ...remembering(this.#open, name) }, h("span", { class: "grow one-line" }, shape.label || name), h("span", { class: "xs mut num" }, `${shape.width_px} × ${shape.height_px}`)),
      h("div", { class: "ed-group" },
        error && h("p", { class: "ed-error" }, icon("bad"), error),
        field("Label", textField(own.label, this.#keep(["formats", name, "label"]), { most: 120, placeholder: shape.label || name }), { key: `format ${name} label` }),
        own.use ? h("p", { class: "help" }, `Of the library: ${own.use}`) : h("div", { class: "ed-four" }, (own.width_mm === undefined ? ON_SCREEN : ON_PAPER).map(figure)),
        own.width_mm === undefined && h("fieldset", { class: "ed-four" }, h("legend", {}, "Safe zone, px"),
          SIDES.map(([key, label]) => field(label, numberField(zone[key] ?? 0, (value) => this.#keep(["formats", name, "safe_zone"])({ ...zone, [key]: Math.round(value ?? 0) }), { least: 0, most: 2000, step: "1" }), { key: `format ${name} ${key}` }))),
        own.width_mm !== undefined && this.#bleed(name, own),
        own.width_mm === undefined && field("Largest file", numberField((own.max_bytes ?? shape.max_bytes ?? 0) / 1000, (value) => this.#keep(["formats", name, "max_bytes"])(Math.round((value ?? 0) * 1000)), { least: 0, most: 100000, unit: "kB" }), { key: `format ${name} bytes`, help: "0 for no limit" }),
        h("div", { class: "row" }, h("button", { type: "button", class: "btn small quiet danger push", disabled: isOnly, title: isOnly ? "A template keeps at least one format" : "", onclick: () => this.#remove("formats", name) }, "Remove this format")))));
  }

  /** The bleed side by side: one number where all are equal. */
  #bleed(name, own) {
    const { least, most, unset } = FIGURES.bleed_mm;
    const bleed = own.bleed_mm ?? unset;
    const sides = Object.fromEntries(SIDES.map(([key]) => [key, typeof bleed === "object" ? bleed[key] ?? 0 : bleed]));
    const keep = (next) => this.#keep(["formats", name, "bleed_mm"])(new Set(Object.values(next)).size === 1 ? next.top : next);
    return h("fieldset", { class: "ed-four" }, h("legend", {}, "Bleed on each side, mm"),
      SIDES.map(([key, label]) => field(label, numberField(sides[key], (value) => keep({ ...sides, [key]: value ?? 0 }), { least, most }), { key: `format ${name} bleed ${key}` })));
  }

  #remove(part, key) {
    let next = put(this.store.document, [part, key], undefined);
    if (part === "locales" && !Object.keys(next.locales).length) next = put(next, ["locales"], undefined);
    for (const { layer, path } of walk(next.layers)) if (layer.overrides?.[part]?.[key]) next = put(next, path, reset(layer, part, key));
    this.store.edit(next);
  }

  #adding() {
    const { store } = this;
    const groups = Map.groupBy ? Map.groupBy(Object.entries(store.setup.library), ([, one]) => one.channel) : group(Object.entries(store.setup.library));
    const select = h("select", { "aria-label": "Format of the library", "data-field": "library", onchange: ({ target }) => { if (target.value) this.#add(target.value, { use: target.value }); } }, h("option", { value: "" }, "Add from the library"),
      [...groups].map(([channel, list]) => h("optgroup", { label: channel }, list.map(([name, one]) => h("option", { value: name }, `${one.label}, ${one.width_px ? `${one.width_px} × ${one.height_px}` : `${one.width_mm} × ${one.height_mm} mm`}`)))));
    const size = (key, label) => numberFieldFor(this.#own, key, label);
    return h("div", { class: "ed-group" }, select, this.#addingPaper(),
      h("form", { class: "row", onsubmit: (event) => {
        event.preventDefault();
        const { width_px: wide, height_px: high } = this.#own;
        this.#add(`size_${wide}x${high}`, { width_px: wide, height_px: high, label: `${wide} × ${high}` });
      } }, size("width_px", "Width in pixels"), h("span", { "aria-hidden": "true" }, "×"), size("height_px", "Height in pixels"), h("button", { class: "btn small" }, icon("plus"), "Size")));
  }

  /** A size on paper: trimmed, with the bleed around it. */
  #addingPaper() {
    const own = this.#paper;
    const figure = (key) => {
      const { label, unset, ...limits } = FIGURES[key];
      return field(label, numberField(own[key], (value) => { own[key] = value; }, limits), { key: `paper ${key}` });
    };
    return h("details", { class: "ed-card", "data-key": "paper", open: this.#open.has("") },
      h("summary", { "data-field": "paper", ...remembering(this.#open, "") }, icon("plus"), h("span", { class: "grow" }, "A size on paper")),
      h("form", { class: "ed-group", onsubmit: (event) => {
        event.preventDefault();
        const name = `print_${own.width_mm}x${own.height_mm}`;
        this.#add(name, { ...own, label: `${own.width_mm} × ${own.height_mm} mm` });
      } },
        h("div", { class: "ed-four" }, ["width_mm", "height_mm", "bleed_mm", "dpi"].map(figure)),
        h("div", { class: "row" }, h("button", { class: "btn small", "data-field": "add paper" }, icon("plus"), "Add this size"))));
  }

  #add(wanted, shape) {
    const { store } = this;
    const name = freeName(wanted, Object.keys(store.document.formats));
    store.edit(put(store.document, ["formats", name], shape));
    store.shapes = { ...store.shapes, [name]: { ...libraryShape(store, shape), safe_zone: { top: 0, right: 0, bottom: 0, left: 0 }, size_class: "square", label: shape.label ?? store.setup.library[shape.use]?.label } };
    store.look({ format: name });
  }

  // --- Languages ------------------------------------------------------------------

  #locale(tag, locale) {
    const wrong = this.store.problem && fromPointer(this.store.document, this.store.problem.pointer);
    const error = wrong?.locale === tag ? tidy(this.store.problem.problem) : "";
    return h("li", { class: "ed-card ed-group" },
      h("div", { class: "row" }, h("b", { class: "grow" }, tag), h("button", { type: "button", class: "btn small quiet danger", "aria-label": `Remove ${tag}`, onclick: () => this.#remove("locales", tag) }, "Remove")),
      error && h("p", { class: "ed-error" }, icon("bad"), error),
      h("div", { class: "ed-pair" },
        field("Name", textField(locale.label, this.#keep(["locales", tag, "label"]), { most: 120 }), { key: `locale ${tag} label` }),
        field("Written", selectField(locale.direction ?? "ltr", [["ltr", "Left to right"], ["rtl", "Right to left"]], this.#keep(["locales", tag, "direction"])), { key: `locale ${tag} direction` })),
      field("Market, for the AI label", textField(locale.market, this.#keep(["locales", tag, "market"]), { most: 40, placeholder: "default" }), { key: `locale ${tag} market` }));
  }

  #addLocale(event) {
    event.preventDefault();
    const tag = this.#tag.trim();
    if (!tag || this.store.document.locales?.[tag]) return;
    const isRtl = /^(ar|fa|he|ps|ur|yi)\b/.test(tag);
    this.#tag = "";
    let label = tag;
    try {
      label = new Intl.DisplayNames(["en"], { type: "language" }).of(tag);
    } catch { /* a tag the browser has no name for */ }
    this.store.edit(put(this.store.document, ["locales"], { ...this.store.document.locales, [tag]: { label, ...(isRtl && { direction: "rtl" }) } }));
    this.store.look({ locale: tag });
  }
}

function numberFieldFor(own, key, label) {
  const input = numberField(own[key], (value) => { own[key] = Math.round(value); }, { least: 16, most: 8192, step: "1" });
  input.setAttribute("aria-label", label);
  input.dataset.field = `own ${key}`;
  return input;
}

function libraryShape(store, shape) {
  const own = shape.use ? store.setup.library[shape.use] : shape;
  if (own.width_px) return { width_px: own.width_px, height_px: own.height_px };
  const pixels = (mm) => Math.round((mm / 25.4) * (own.dpi ?? 300));
  return { width_px: pixels(own.width_mm), height_px: pixels(own.height_mm) };
}

function group(entries) {
  const found = new Map();
  for (const entry of entries) found.set(entry[1].channel, [...(found.get(entry[1].channel) ?? []), entry]);
  return found;
}
