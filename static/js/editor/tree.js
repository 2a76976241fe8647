/* The list of layers, front first, as nested lists of buttons. Arrows walk, Alt with an
   arrow reorders, dragging does the same. */
import { h, icon } from "./dom.js";
import { changeLayer, find, fromPointer, get, move, nameOf, seenIn, step, write } from "./layers.js";
import { whyKept } from "./placing.js";
import { refill } from "./refill.js";

export const LAYER_ICONS = { text: "text", image: "image", logo: "brand", shape: "shape", line: "line", path: "path", svg: "drawing", qr: "qr", barcode: "barcode", rating: "rating", table: "table", ai_label: "shield", group: "group", stack: "stack" };

export class Tree {
  #dragged = null;

  constructor(store, place, { say }) {
    Object.assign(this, { store, place, say });
    place.addEventListener("keydown", (event) => this.#key(event));
    store.on("document selection view drawn", () => this.show());
    this.show();
  }

  show() {
    if (this.#dragged) return; // the list stands still under the hand
    refill(this.place, this.#list(this.store.document.layers, null));
  }

  #list(layers, parentId) {
    return h("ol", { class: "ed-layers" }, layers.map((layer, index) => this.#row(layer, parentId, index)).reverse());
  }

  #row(layer, parentId, index) {
    const { store } = this;
    const name = nameOf(layer, store.document, store.words);
    const seen = seenIn(layer, store.target);
    const isChosen = store.selected === layer.id;
    const shows = !seen.hidden && Boolean(store.drawn.boxes[layer.id]);
    const wrong = store.problem && fromPointer(store.document, store.problem.pointer).layer === layer.id;
    const found = store.drawn.findings.filter((one) => one.layer === layer.id);
    const worst = wrong ? "bad" : found.some((one) => one.verdict === "fail") ? "bad" : found.length ? "warn" : "";
    const why = wrong ? store.problem.problem : found.map((one) => one.message).join(" ");
    const button = h("button", {
      type: "button", class: `ed-row${shows ? "" : " is-out"}`, "aria-current": isChosen ? "true" : undefined, "data-field": `row ${layer.id}`, "data-id": layer.id,
      onclick: () => store.select(layer.id), ondblclick: (event) => event.currentTarget.dispatchEvent(new CustomEvent("editor:open", { bubbles: true })),
    }, icon(LAYER_ICONS[layer.type]), h("span", { class: "one-line" }, name),
    worst && h("span", { class: `ed-dot tone-${worst}`, title: why }, icon(worst), h("span", { class: "sr" }, why)));
    const isFixed = (layer.locked ?? []).length > 0;
    const eye = h("button", {
      type: "button", class: `ed-mini${seen.hidden ? " is-on" : ""}`, "aria-pressed": String(Boolean(seen.hidden)), "aria-label": `Hide ${name}`, title: seen.hidden ? "Show" : "Hide",
      disabled: store.isLocked(layer, "visibility"), "data-field": `eye ${layer.id}`, onclick: () => this.#hide(layer, !seen.hidden),
    }, icon(seen.hidden ? "eye-off" : "eye"));
    return h("li", { "data-id": layer.id, ...this.#dragging(layer, parentId, index) }, h("div", { class: "ed-row-line" }, button, isFixed && h("span", { class: "ed-locked", title: `Locked: ${layer.locked.join(", ")}` }, icon("lock", `Locked: ${layer.locked.join(", ")}`)), eye),
      layer.children && this.#list(layer.children, layer.id));
  }

  #hide(layer, isHidden) {
    const { store } = this;
    store.edit(changeLayer(store.document, layer.id, (own) => write(own, ["hidden"], isHidden || (store.scope ? false : undefined), store.target, store.scope)));
  }

  // --- Reordering -----------------------------------------------------------------

  /** Say what a row does while it, or another one above it, is dragged. */
  #dragging(layer, parentId, index) {
    return {
      draggable: "true",
      ondragstart: (event) => {
        event.stopPropagation();
        this.#dragged = layer.id;
        event.dataTransfer.effectAllowed = "move";
        event.dataTransfer.setData("text/plain", layer.id);
        event.currentTarget.classList.add("is-dragged");
      },
      ondragend: () => {
        this.#dragged = null;
        this.show();
      },
      ondragover: (event) => {
        if (!this.#dragged || this.#dragged === layer.id) return;
        event.preventDefault();
        event.stopPropagation();
        const where = this.#where(event, layer);
        for (const one of this.place.querySelectorAll("[data-drop]")) delete one.dataset.drop;
        event.currentTarget.dataset.drop = where;
      },
      ondrop: (event) => {
        event.preventDefault();
        event.stopPropagation();
        const where = this.#where(event, layer);
        if (where === "into") this.#move(layer.id, layer.children.length);
        else this.#move(parentId, where === "before" ? index + 1 : index);
      },
    };
  }

  #where(event, layer) {
    const box = event.currentTarget.firstChild.getBoundingClientRect();
    const share = (event.clientY - box.top) / box.height;
    if (layer.children && share > 0.3 && share < 0.7) return "into";
    return share < 0.5 ? "before" : "after"; // before in the list is in front on the page
  }

  #move(parentId, index) {
    const { store } = this;
    const id = this.#dragged;
    this.#dragged = null;
    if (!id) return undefined;
    const why = whyKept(store, id, (find(store.document, id).parent?.id ?? null) === (parentId ?? null));
    if (why) return this.say(why);
    const rect = store.rectOf(id) ?? { x: 0, y: 0, width: 200, height: 100 };
    const next = move(store.document, id, parentId, index, rect);
    if (next === store.document) this.say("It can't go there: a group or stack keeps at least one layer.");
    store.edit(next, { select: id });
    this.show();
    return undefined;
  }

  reorder(by) {
    const { store } = this;
    if (!store.selected) return undefined;
    const why = whyKept(store, store.selected, true);
    if (why) return this.say(why);
    const next = step(store.document, store.selected, by);
    if (next === store.document) return this.say(by > 0 ? "It is in front already." : "It is at the back already.");
    store.edit(next);
    const { path } = find(store.document, store.selected);
    const list = get(store.document, path.slice(0, -1));
    return this.say(`${list.length - path.at(-1)} of ${list.length} from the front.`);
  }

  #key(event) {
    const row = event.target.closest(".ed-row");
    if (!row || !["ArrowUp", "ArrowDown"].includes(event.key)) return;
    event.preventDefault();
    const up = event.key === "ArrowUp";
    if (event.altKey) {
      this.store.select(row.dataset.id);
      this.reorder(up ? 1 : -1);
      return;
    }
    const rows = [...this.place.querySelectorAll(".ed-row")];
    const next = rows[rows.indexOf(row) + (up ? -1 : 1)];
    next?.focus();
    if (next) this.store.select(next.dataset.id);
  }
}
