/* What marketers fill in: slots with their rules, and what one looks at them with. */
import { h, icon, newId, remembering } from "./dom.js";
import { DataList } from "./data.js";
import { checkField, field, numberField, selectField, textField } from "./controls.js";
import { fromPointer, nameOf, put } from "./layers.js";
import { addSlot } from "./make.js";
import { refill } from "./refill.js";
import { tidy, usesOf } from "./telling.js";

/** Fields for the rules of one slot, as in the list of slots and beside its layer. */
export function slotRules(store, name, { isDisabled = false } = {}) {
  const slot = store.document.slots[name];
  const wrong = store.problem && fromPointer(store.document, store.problem.pointer);
  const about = (key) => ({ key: `slot/${name}/${key}`, error: wrong?.slot === name && (wrong.path[0] ?? "label") === key ? tidy(store.problem.problem) : "" });
  const keep = (key) => (value) => store.edit(put(store.document, ["slots", name, key], value), { key: `slot/${name}/${key}` });
  const label = field("Label in the form", textField(slot.label, keep("label"), { most: 120, isDisabled, placeholder: name }), about("label"));
  const required = checkField("Must be filled in", slot.required, (value) => keep("required")(value || undefined), { isDisabled, ...about("required") });
  if (slot.type === "image") return h("div", { class: "ed-group" }, label, required, collectionField(store, name, keep("collection"), { isDisabled, ...about("collection") }), pictureField(store, name));
  return h("div", { class: "ed-group" }, label,
    field("Example", textField(slot.example, keep("example"), { lines: 2, most: 2000, isDisabled }), about("example")),
    required,
    checkField("The example must be replaced", slot.change_required, (value) => keep("change_required")(value || undefined), { isDisabled, ...about("change_required") }),
    h("div", { class: "ed-pair" },
      field("At least", numberField(slot.min_chars ?? 0, (value) => keep("min_chars")(value || undefined), { least: 0, most: 2000, step: "1", unit: "chars", isDisabled }), about("min_chars")),
      field("At most", numberField(slot.max_chars ?? 200, (value) => keep("max_chars")(value), { least: 1, most: 2000, step: "1", unit: "chars", isDisabled }), about("max_chars"))),
    field("Only these texts, one a line", textField((slot.choices ?? []).join("\n"), (value) => keep("choices")(value ? value.split("\n") : undefined), { lines: 2, isDisabled, placeholder: "Any text" }), about("choices")),
    tryField(store, name));
}

function tryField(store, name) {
  return field("Try a text", textField(store.texts[name], (value) => store.look({ texts: { ...store.texts, [name]: value } }), { most: 2000, placeholder: "Shown here only" }), { key: `try/${name}` });
}

/** Which pictures marketers choose from: all that are approved, or those of a collection. */
function collectionField(store, name, keep, { isDisabled, key, error }) {
  const { collections } = store.setup;
  const chosen = store.document.slots[name].collection ?? "";
  const choices = [["", "Any approved picture"], ...collections.map((one) => [one.key, `Only pictures of ${one.name}`])];
  const isLost = choices.every(([own]) => own !== chosen);
  if (isLost) choices.push([chosen, `Only pictures of “${chosen}”`]);
  return field("Takes", selectField(chosen, choices, (own) => keep(own || undefined), { isDisabled }), {
    key, error: error || (isLost ? "The library has no such collection. Choose another one before you publish." : ""),
    help: !collections.length && "To narrow this down, make a collection in the library.",
  });
}

function pictureField(store, name) {
  const { collection } = store.document.slots[name];
  const pictures = collection ? store.setup.collections.find((one) => one.key === collection)?.pictures ?? [] : store.setup.pictures;
  if (!pictures.length) return h("p", { class: "help" }, `No picture ${collection ? "of it " : ""}is approved yet; a ground of the brand's colors stands in.`);
  const choices = [["", "The newest approved"], ...pictures.map((one) => [one.id, one.title])];
  return field("Look at it with", selectField(store.images[name] ?? "", choices, (id) => store.look({ images: { ...store.images, [name]: id } })), { key: `try/${name}` });
}

export class Content {
  #open = new Set();

  constructor(store, place, { say }) {
    Object.assign(this, { store, place });
    this.data = new DataList(store, { say });
    store.on("document drawn selection", () => this.show());
    this.show();
  }

  show() {
    const { store } = this;
    const slots = Object.entries(store.document.slots);
    refill(this.place,
      h("p", { class: "help" }, "What marketers fill in when they use this template."),
      slots.length ? h("ul", { class: "ed-cards" }, slots.map(([name, slot]) => this.#card(name, slot))) : h("p", { class: "help" }, "Nothing yet: every text is fixed."),
      h("div", { class: "row wrap" },
        h("button", { type: "button", class: "btn small", "data-field": "add text slot", onclick: () => this.#add("text", "Text") }, icon("plus"), "Text"),
        h("button", { type: "button", class: "btn small", "data-field": "add image slot", onclick: () => this.#add("image", "Picture") }, icon("plus"), "Picture")),
      this.data.section());
  }

  #add(type, label) {
    const [document, name] = addSlot(this.store.document, type, label, label);
    this.#open.add(name);
    this.store.edit(document);
  }

  #card(name, slot) {
    const { store } = this;
    const uses = usesOf(store.document, name);
    const wrong = store.problem && fromPointer(store.document, store.problem.pointer);
    const shown = uses.map((layer) => nameOf(layer, store.document, store.words)).join(", ");
    return h("li", { "data-id": name }, h("details", { class: "ed-card", open: this.#open.has(name) || wrong?.slot === name, ontoggle: (event) => (event.currentTarget.open ? this.#open.add(name) : this.#open.delete(name)) },
      h("summary", { "data-field": `slot ${name}`, ...remembering(this.#open, name) }, icon(slot.type === "image" ? "image" : "text"), h("span", { class: "grow one-line" }, slot.label || name), slot.required && h("span", { class: "badge" }, "needed")),
      slotRules(store, name),
      h("div", { class: "row" },
        h("span", { class: "help grow" }, uses.length ? `Shown by ${shown}` : "No layer shows it"),
        h("button", { type: "button", class: "btn small quiet danger", disabled: uses.length > 0, title: uses.length ? `Remove ${shown} first` : "", onclick: () => store.edit(put(store.document, ["slots", name], undefined)) }, "Remove"))));
  }
}

/** The page of the panel where no layer is chosen: the template as a whole. */
export function templatePage(store, palette, colorField) {
  const { document } = store;
  const keep = (path) => (value) => store.edit(put(store.document, path, value), { key: path.join("/") });
  const { colors, fonts } = store.setup.brand;
  const rolesWith = (role) => [...new Set([...Object.keys(colors), "white", "black", role])].map((one) => [one, sayRole(one, colors)]);
  const familiesWith = (family) => [["brand", "Brand font"], ...[...new Set([...Object.keys(fonts), family])].filter((name) => name !== "brand").map((name) => [name, fonts[name] ? name : `${name}, not in the brand kit`])];
  const weightsOf = (font) => [...new Set([100, 200, 300, 400, 500, 600, 700, 800, 900, font.weight ?? 400])].sort((a, b) => a - b).map((weight) => [String(weight), String(weight)]);
  const wrong = store.problem && fromPointer(document, store.problem.pointer);
  const isHere = wrong && !wrong.layer && !wrong.slot && !wrong.data && !wrong.format && !wrong.locale;
  const errorOf = (...path) => (isHere && path.every((key, index) => wrong.path[index] === key) ? tidy(store.problem.problem) : "");
  const id = newId();
  return [
    h("section", { class: "ed-section ed-top" }, h("h2", {}, "Template"),
      h("p", { class: "help" }, "Choose a layer on the canvas or in the list to change it."),
      isHere && !["name", "language", "tokens"].includes(wrong.path[0]) && h("p", { class: "ed-error" }, icon("bad"), errorOf()),
      field("Name of the document", textField(document.name, (value) => keep(["name"])(value ?? " "), { most: 120 }), { key: "name", error: errorOf("name") }),
      field("Background", colorField(document.background, (one) => {
        if (one === null) return keep(["background"])(undefined);
        if (one.token) return keep(["background"])(one.token);
        return store.edit(put(put(store.document, ["tokens", "colors", one.role], one.role), ["background"], one.role));
      }, { palette, isNullable: true }), { key: "background" }),
      field(store.words.fields.language, textField(document.language, keep(["language"]), { most: 20, placeholder: "en" }), { key: "language", error: errorOf("language"), help: "Of what stands in no other language; it says how words are parted." })),
    h("section", { class: "ed-section ed-tokens", "aria-labelledby": id }, h("h3", { id }, "Colors of the brand"),
      Object.entries(document.tokens.colors).map(([name, role]) => field(name, selectField(role, rolesWith(role), keep(["tokens", "colors", name])), { inline: true, key: `color ${name}` }))),
    h("section", { class: "ed-section" }, h("h3", {}, "Fonts of the brand"),
      Object.entries(document.tokens.fonts ?? {}).map(([name, font]) => h("fieldset", { class: "ed-group" }, h("legend", {}, name),
        h("div", { class: "ed-pair" },
          field("Family", selectField(font.family ?? "brand", familiesWith(font.family ?? "brand"), keep(["tokens", "fonts", name, "family"])), { key: `font ${name} family`, error: errorOf("tokens", "fonts", name, "family") }),
          field("Weight", selectField(String(font.weight ?? 400), weightsOf(font), (value) => keep(["tokens", "fonts", name, "weight"])(Number(value))), { key: `font ${name} weight` })),
        ["features", "axes"].map((part) => field(store.words.fields[part], textField(sayFigures(font[part]), (value) => keep(["tokens", "fonts", name, part])(readFigures(value)), { placeholder: part === "axes" ? "opsz 32" : "tnum 1, ss01 1" }), { key: `font ${name} ${part}`, error: errorOf("tokens", "fonts", name, part) })),
        checkField("Italic", font.is_italic, (value) => keep(["tokens", "fonts", name, "is_italic"])(value || undefined), { key: `font ${name} italic` }))),
      h("button", { type: "button", class: "btn small", "data-field": "add font", onclick: () => keep(["tokens", "fonts", freeFont(store.document)])({ weight: 400 }) }, icon("plus"), "Text style")),
  ];
}

/** Name a color of the palette, or say that the brand kit has none of that name. */
function sayRole(role, colors) {
  if (colors[role]) return `${colors[role].name} (${role})`;
  return role === "white" || role === "black" ? role : `${role}, not in the brand kit`;
}

/** Write settings of a font as text, "tnum 1, ss01 1", and read them again. */
const sayFigures = (figures) => Object.entries(figures ?? {}).map(([name, figure]) => `${name} ${figure}`).join(", ");

function readFigures(text) {
  const pairs = (text ?? "").split(",").map((one) => one.trim().split(/\s+/)).filter(([name]) => name);
  return pairs.length ? Object.fromEntries(pairs.map(([name, figure]) => [name, Number(figure ?? 1)])) : undefined;
}

function freeFont(document) {
  const fonts = document.tokens.fonts ?? {};
  for (let n = 1; ; n += 1) if (!fonts[`style_${n}`]) return `style_${n}`;
}
