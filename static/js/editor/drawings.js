/* Drawings (SVG) as layers: taken from a file or pasted, looked at by the server before
   they come in, and their colors led to the brand's. */
import { h, icon } from "./dom.js";
import { read } from "../answers.js";
import { field, selectField } from "./controls.js";
import { boxAt, changeLayer, find, freeName, idsOf, nameOf, put } from "./layers.js";
import { addLayer, colorToken, usualRect } from "./make.js";
import { paletteOf, tidy } from "./telling.js";

const MOST_CHARS = 200_000;

/** Say whether a text that was pasted is a drawing. */
export const isDrawing = (text) => /^\s*(<\?xml|<!--|<svg)/i.test(text) && text.includes("<svg");

export class Drawings {
  #target = null; // the layer whose drawing is replaced, or null for a new one
  #name = "";

  constructor(store, dialog, { preview, say, page }) {
    Object.assign(this, { store, dialog, preview, say, page });
    this.source = dialog.querySelector("textarea");
    this.file = dialog.querySelector("input[type=file]");
    this.error = dialog.querySelector("[data-error]");
    this.file.addEventListener("change", () => this.#readFile());
    this.source.addEventListener("input", () => this.#tell(""));
    dialog.querySelector("form").addEventListener("submit", (event) => this.#submit(event));
    dialog.querySelector("[data-cancel]").addEventListener("click", () => dialog.close());
  }

  /** Ask for a drawing: for a new layer, or in the place of a layer's. */
  open(id = null) {
    this.#target = id;
    this.#name = "";
    this.file.value = "";
    this.source.value = id ? find(this.store.document, id).layer.svg : "";
    this.#tell("");
    this.dialog.querySelector("h2").textContent = id ? "Replace the drawing" : "Add a drawing";
    this.dialog.querySelector("[data-take]").textContent = id ? "Replace" : "Add";
    this.dialog.showModal();
    this.file.focus();
  }

  /** Take a drawing as a new layer, or say what is wrong with it; true if it came in. */
  async add(source, name = "") {
    const problem = await this.#take(source, null, name);
    if (problem) this.say(problem);
    return !problem;
  }

  async #readFile() {
    const [chosen] = this.file.files;
    if (!chosen) return;
    if (chosen.size > MOST_CHARS) return void this.#tell(`${chosen.name} has ${chosen.size.toLocaleString()} bytes; ${MOST_CHARS.toLocaleString()} are drawn. Simplify the drawing: join paths, use fewer points and decimals.`);
    this.#name = chosen.name.replace(/\.[^.]*$/, "").slice(0, 120);
    this.source.value = await chosen.text();
    this.#tell("");
  }

  async #submit(event) {
    event.preventDefault();
    const source = this.source.value.trim();
    if (!source) return void this.#tell("Choose a file, or paste the source of a drawing.");
    const take = this.dialog.querySelector("[data-take]");
    take.disabled = true;
    const problem = await this.#take(source, this.#target, this.#name);
    take.disabled = false;
    if (problem) this.#tell(problem);
    else this.dialog.close();
  }

  #tell(problem) {
    this.error.hidden = !problem;
    this.error.replaceChildren(...(problem ? [icon("bad"), problem] : []));
    if (problem) this.source.setAttribute("aria-invalid", "true");
    else this.source.removeAttribute("aria-invalid");
  }

  /** Have the server draw the template with a drawing; returns what is wrong with it. */
  async #take(source, target, name) {
    const { store } = this;
    const page = this.page();
    const id = target ?? freeName("svg", idsOf(store.document));
    const square = usualRect("svg", page);
    const layer = { type: "svg", id, ...(name && { label: name }), svg: source, box: boxAt(square) };
    const before = store.document;
    const next = target
      ? changeLayer(before, id, ({ colors: _, ...rest }) => ({ ...rest, svg: source }))
      : addLayer(before, layer, store.selected);
    const told = await this.#draw(next);
    if (!told.picture) return told.pointer?.endsWith("/svg") || !told.pointer ? tidy(told.problem) : `The template itself has to be put right first. ${tidy(told.problem)}`;
    const drawing = told.drawings[id];
    if (store.document !== before) return "The template was changed meanwhile. Try again.";
    if (target) {
      const kept = Object.entries(find(before, id).layer.colors ?? {}).filter(([hex]) => drawing.colors.some((one) => one.hex === hex));
      store.edit(kept.length ? changeLayer(next, id, (own) => ({ ...own, colors: Object.fromEntries(kept) })) : next);
      this.say("The drawing was replaced.");
      return "";
    }
    const scale = Math.min(square.width / drawing.width, square.height / drawing.height);
    const size = { width: drawing.width * scale, height: drawing.height * scale };
    const rect = { x: square.x + (square.width - size.width) / 2, y: square.y + (square.height - size.height) / 2, ...size };
    const placed = find(next, id).layer.box ? changeLayer(next, id, (own) => ({ ...own, box: boxAt(rect) })) : next;
    store.expected = { id, rect };
    store.edit(placed, { select: id });
    this.say(`${nameOf(find(placed, id).layer, placed, store.words)} added.`);
    return "";
  }

  async #draw(document) {
    const { store } = this;
    try {
      return await read(await this.preview.send({ document, format: store.format, locale: store.locale }, 0.1));
    } catch {
      return { problem: "The server can't be reached, so the drawing was not looked at. Try again." };
    }
  }
}

/** Fields for what a drawing is painted with: each color as it is, or one of the brand. */
export function drawingFields(store, fields, layer, seen, { isDisabled, replace }) {
  const drawing = store.drawn.drawings?.[layer.id];
  const button = h("button", { type: "button", class: "btn small", disabled: isDisabled, "data-field": "replace drawing", onclick: replace }, icon("upload"), "Replace the drawing");
  const wrong = fields.error(["svg"]);
  const parts = [h("div", { class: "row wrap" }, button), wrong && h("p", { class: "ed-error" }, icon("bad"), wrong)];
  if (!drawing || seen.color) return parts;
  const palette = paletteOf(store);
  const mapped = seen.colors ?? {};
  const keep = (document, colors) => {
    if (document !== store.document) store.edit(document);
    fields.edit(["colors"], Object.keys(colors).length || fields.isOverridden(["colors"]) ? colors : undefined);
  };
  const choose = (hex, chosen) => {
    const { [hex]: _, ...rest } = mapped;
    if (!chosen) return keep(store.document, rest);
    const known = palette.find((one) => (one.token ?? `+${one.role}`) === chosen);
    const [document, token] = known.token ? [store.document, known.token] : colorToken(store.document, known.role);
    return keep(document, { ...mapped, [hex]: token });
  };
  const takeNearest = () => {
    let { document } = store;
    const colors = { ...mapped };
    for (const one of drawing.colors.filter((own) => own.is_foreign && !mapped[own.hex])) [document, colors[one.hex]] = colorToken(document, one.nearest);
    keep(document, colors);
  };
  const isLoose = drawing.colors.some((one) => one.is_foreign && !mapped[one.hex]);
  return [...parts,
    h("fieldset", { class: "ed-group ed-tints" }, h("legend", {}, "Colors of the drawing"), fields.mark(["colors"]),
      isLoose && h("button", { type: "button", class: "btn small", disabled: isDisabled, "data-field": "nearest colors", onclick: takeNearest }, "Take the brand’s nearest colors"),
      drawing.colors.map((one) => tint(one, mapped[one.hex], palette, (chosen) => choose(one.hex, chosen), isDisabled)))];
}

function tint(color, token, palette, keep, isDisabled) {
  const swatch = h("span", { class: "ed-tint", "aria-hidden": "true" });
  swatch.style.backgroundColor = color.hex;
  const own = color.is_foreign ? "As drawn, not in the brand kit" : "As drawn";
  const choices = [["", own], ...palette.map((one) => [one.token ?? `+${one.role}`, one.label])];
  return field(color.hex, h("div", { class: "ed-tint-row" }, swatch, selectField(token ?? "", choices, keep, { isDisabled })), { key: `colors/${color.hex}` });
}
