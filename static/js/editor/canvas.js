/* The canvas: the renderer's picture with handles above it. Everything that a drag does
   can be done by keys here and by fields in the panel. */
import { h } from "./dom.js";
import { find, nameOf, walk } from "./layers.js";
import { addLayer, makeLayer, usualRect } from "./make.js";
import { nudge, pageOf, placeAt, resize, whyFixed } from "./placing.js";
import { guidesOf, linesOf, snapTo } from "./snap.js";

const REACH_PX = 6; // on the screen
const SLACK_PX = 3;
const EDGES = ["nw", "n", "ne", "e", "se", "s", "sw", "w"];
const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

export class Canvas {
  #drag = null;
  #hits = []; // lines that what is dragged holds to
  #isPanning = false;
  #isFit = true;

  constructor(store, view, { say, tell }) {
    Object.assign(this, { store, view, say, tell });
    this.zoom = 1;
    this.guides = { safe: true, middle: false, thirds: false, columns: false };
    this.picture = h("img", { alt: "", draggable: "false" });
    this.marks = h("div", { class: "ed-marks" });
    this.hover = h("div", { class: "ed-hover", hidden: true });
    this.ink = h("div", { class: "ed-ink", hidden: true });
    this.frame = h("div", { class: "ed-frame", hidden: true }, h("span", { class: "ed-tag" }), ...EDGES.map((edge) => h("i", { "data-edge": edge })));
    this.sheet = h("div", { class: "ed-sheet" }, this.picture, h("div", { class: "ed-over" }, this.marks, this.hover, this.ink, this.frame));
    view.append(h("div", { class: "ed-room" }, this.sheet));
    view.addEventListener("pointerdown", (event) => this.#press(event));
    view.addEventListener("pointermove", (event) => this.#point(event));
    view.addEventListener("dblclick", (event) => this.#open(event));
    for (const kind of ["pointerup", "pointercancel"]) view.addEventListener(kind, (event) => this.#release(event));
    view.addEventListener("pointerleave", () => { this.hover.hidden = true; });
    view.addEventListener("keydown", (event) => this.#key(event));
    view.addEventListener("keyup", (event) => { if (event.key === " ") this.#setPanning(false); });
    view.addEventListener("wheel", (event) => this.#wheel(event), { passive: false });
    new ResizeObserver(() => { if (this.#isFit) this.fit(); }).observe(view);
    store.on("view", () => this.#turn());
    store.on("drawn", () => this.#show());
    store.on("document selection", () => this.update());
    store.on("tool", () => { view.classList.toggle("is-drawing", Boolean(store.tool)); });
    this.fit();
  }

  // --- Looking ------------------------------------------------------------------

  fit() {
    this.#isFit = true;
    if (!this.view.clientHeight) return; // all formats are shown instead
    const { width, height } = pageOf(this.store);
    const room = 56;
    this.#size(Math.min((this.view.clientWidth - room) / width, (this.view.clientHeight - room) / height, 2));
  }

  setZoom(zoom) {
    this.#isFit = false;
    const { view } = this;
    const middle = [(view.scrollLeft + view.clientWidth / 2) / this.zoom, (view.scrollTop + view.clientHeight / 2) / this.zoom];
    this.#size(zoom);
    view.scrollLeft = middle[0] * this.zoom - view.clientWidth / 2;
    view.scrollTop = middle[1] * this.zoom - view.clientHeight / 2;
  }

  #size(zoom) {
    this.zoom = Math.min(8, Math.max(0.05, zoom));
    const { width, height } = pageOf(this.store);
    this.sheet.style.width = `${width * this.zoom}px`;
    this.sheet.style.height = `${height * this.zoom}px`;
    this.tell(this.zoom);
    this.update();
  }

  sharpness() {
    return this.zoom * devicePixelRatio;
  }

  #wheel(event) {
    if (!event.ctrlKey && !event.metaKey) return;
    event.preventDefault();
    this.setZoom(this.zoom * Math.exp(-event.deltaY / 300));
  }

  #setPanning(isOn) {
    this.#isPanning = isOn;
    this.view.classList.toggle("is-panning", isOn);
  }

  // --- Showing ------------------------------------------------------------------

  /** Show another format: its small picture until it is drawn. */
  #turn() {
    const { store } = this;
    if (store.drawn.format !== store.format) {
      const small = store.pictures.get(store.format);
      if (small) this.picture.src = small;
      else this.picture.removeAttribute("src");
    }
    if (this.#isFit) this.fit();
    else this.#size(this.zoom);
  }

  #show() {
    const { store } = this;
    if (store.drawn.picture && this.picture.src !== store.drawn.picture) this.picture.src = store.drawn.picture;
    const label = store.shape.label || store.format;
    this.picture.alt = `${label}: the template as it is drawn`;
    this.view.classList.toggle("is-old", Boolean(store.problem));
    if (this.#isFit) this.fit();
    else this.#size(this.zoom);
  }

  /** Lay a mark over a rectangle of the page. */
  #lay(mark, rect) {
    mark.hidden = !rect;
    if (!rect) return;
    for (const [side, key] of [["left", "x"], ["top", "y"], ["width", "width"], ["height", "height"]]) mark.style[side] = `${rect[key] * this.zoom}px`;
  }

  update() {
    const { store } = this;
    const id = store.selected;
    const rect = id && store.rectOf(id);
    this.#lay(this.frame, rect);
    const box = id && !store.expected && store.boxOf(id);
    const isOther = box && rect && (Math.abs(box.width - rect.width) > 1 || Math.abs(box.height - rect.height) > 1);
    this.#lay(this.ink, isOther ? box : null);
    if (rect) {
      const isMovable = !whyFixed(store, id, "position");
      const isSizable = !whyFixed(store, id, "size");
      this.frame.classList.toggle("is-fixed", !isMovable);
      this.frame.classList.toggle("is-sized", isSizable);
      this.frame.firstChild.textContent = this.#drag?.isMoved
        ? `${Math.round(rect.x)}, ${Math.round(rect.y)}  ${Math.round(rect.width)} × ${Math.round(rect.height)}`
        : nameOf(store.layer, store.document, store.words);
      this.frame.classList.toggle("is-below", rect.y * this.zoom < 28);
    }
    this.#mark();
  }

  #mark() {
    const page = pageOf(this.store);
    const lines = guidesOf(page, this.guides);
    const draw = (axis, at, kind) => {
      const line = h("i", { class: `ed-line ${axis} ${kind}` });
      line.style[axis === "x" ? "left" : "top"] = `${at * this.zoom}px`;
      return line;
    };
    const marks = [...lines.x.map((at) => draw("x", at, "guide")), ...lines.y.map((at) => draw("y", at, "guide")), ...this.#hits.map(({ axis, at }) => draw(axis, at, "hit"))];
    const { safe } = page;
    if (this.guides.safe && (safe.top || safe.right || safe.bottom || safe.left)) {
      const zone = h("div", { class: "ed-safe" });
      this.#lay(zone, { x: safe.left, y: safe.top, width: page.width - safe.left - safe.right, height: page.height - safe.top - safe.bottom });
      marks.push(zone);
    }
    this.marks.replaceChildren(...marks);
  }

  // --- Pointing -----------------------------------------------------------------

  #at(event) {
    const box = this.sheet.getBoundingClientRect();
    return { x: (event.clientX - box.left) / this.zoom, y: (event.clientY - box.top) / this.zoom };
  }

  /** Find the layer in front at a point: the innermost; a frame counts for the selected. */
  #hit(at) {
    const { store } = this;
    const holds = (box) => box && at.x >= box.x && at.y >= box.y && at.x <= box.x + box.width && at.y <= box.y + box.height;
    const all = [...walk(store.document.layers)].reverse().filter(({ layer }) => holds(store.boxOf(layer.id)));
    const leaf = all.find(({ layer }) => !layer.children) ?? all[0];
    return leaf?.layer.id ?? null;
  }

  #press(event) {
    const { store, view } = this;
    if (event.button === 1 || (this.#isPanning && event.button === 0)) {
      event.preventDefault();
      view.setPointerCapture(event.pointerId);
      this.#drag = { kind: "pan", x: event.clientX, y: event.clientY, left: view.scrollLeft, top: view.scrollTop };
      return;
    }
    if (event.button || event.target === view && event.offsetX > view.clientWidth) return;
    event.preventDefault();
    view.focus({ preventScroll: true });
    const at = this.#at(event);
    view.setPointerCapture(event.pointerId);
    if (store.tool) {
      this.#drag = { kind: "draw", from: at, rect: null };
      return;
    }
    const edge = event.target.dataset?.edge;
    const inFrame = event.target.closest?.(".ed-frame");
    if (edge) return this.#begin("size", at, store.selected, edge);
    // A drag within the chosen layer moves it, whatever lies above; a click chooses.
    const id = this.#hit(at);
    const isInside = inFrame && store.selected && !event.altKey;
    if (!isInside) store.select(id);
    if (store.selected) this.#begin("move", at, store.selected);
    if (isInside) this.#drag.onclick = id;
    return undefined;
  }

  #begin(kind, from, id, edge = "") {
    const why = whyFixed(this.store, id, kind === "size" ? "size" : "position");
    this.#drag = { kind, from, id, edge, before: this.store.document, start: this.store.rectOf(id), why, isMoved: false, lines: this.#lines(id) };
  }

  #lines(id) {
    const { store } = this;
    const inside = new Set([...walk([find(store.document, id)?.layer].filter(Boolean))].map((found) => found.layer.id));
    const others = Object.keys(store.drawn.boxes).filter((one) => !inside.has(one)).map((one) => store.boxOf(one));
    return linesOf(pageOf(store), others, this.guides);
  }

  #point(event) {
    const drag = this.#drag;
    const at = this.#at(event);
    if (!drag) {
      const id = this.#isPanning || this.store.tool ? null : this.#hit(at);
      this.#lay(this.hover, id && id !== this.store.selected ? this.store.boxOf(id) : null);
      return;
    }
    if (drag.kind === "pan") {
      this.view.scrollLeft = drag.left + drag.x - event.clientX;
      this.view.scrollTop = drag.top + drag.y - event.clientY;
      return;
    }
    const dx = at.x - drag.from.x;
    const dy = at.y - drag.from.y;
    if (!drag.isMoved && Math.hypot(dx, dy) * this.zoom < SLACK_PX) return;
    if (drag.kind !== "draw" && (drag.why || !drag.start)) {
      if (!drag.isMoved && drag.why) this.say(drag.why);
      drag.isMoved = true;
      return;
    }
    drag.isMoved = true;
    this.hover.hidden = true;
    const snaps = !event.ctrlKey && !event.metaKey;
    if (drag.kind === "draw") this.#drawing(drag, at, snaps);
    else this.#dragging(drag, dx, dy, event.shiftKey, snaps);
  }

  #dragging(drag, dx, dy, isEven, snaps) {
    const { start, edge } = drag;
    let rect = { ...start };
    if (drag.kind === "move") {
      const isFlat = isEven && Math.abs(dx) > Math.abs(dy);
      rect.x += isEven && !isFlat ? 0 : dx;
      rect.y += isFlat ? 0 : dy;
    } else rect = stretched(start, edge, dx, dy, isEven);
    const snapped = snaps ? snapTo(rect, edge, drag.lines, REACH_PX / this.zoom) : { rect, hits: [] };
    rect = rounded(snapped.rect);
    if (drag.kind === "move") placeAt(this.store, drag.id, { ...rect, width: start.width, height: start.height }, `drag ${drag.id}`);
    else resize(this.store, drag.id, rect, `drag ${drag.id}`);
    this.#hits = snapped.hits;
    this.update();
  }

  #drawing(drag, at, snaps) {
    const raw = { x: Math.min(drag.from.x, at.x), y: Math.min(drag.from.y, at.y), width: Math.abs(at.x - drag.from.x), height: Math.abs(at.y - drag.from.y) };
    const others = Object.keys(this.store.drawn.boxes).map((one) => this.store.boxOf(one));
    const edge = `${at.y < drag.from.y ? "n" : "s"}${at.x < drag.from.x ? "w" : "e"}`;
    const lines = linesOf(pageOf(this.store), others, this.guides);
    const { rect, hits } = snaps ? snapTo(raw, edge, lines, REACH_PX / this.zoom) : { rect: raw, hits: [] };
    drag.rect = rounded(rect);
    this.#lay(this.hover, drag.rect);
    this.#hits = hits;
    this.#mark();
  }

  #release(event) {
    const drag = this.#drag;
    this.#drag = null;
    this.#hits = [];
    if (!drag) return;
    if (drag.kind === "draw" && event.type === "pointerup") {
      this.hover.hidden = true;
      const isDrawn = drag.rect && drag.rect.width > 4 && drag.rect.height > 1;
      this.add(isDrawn ? drag.rect : usualRect(this.store.tool, pageOf(this.store), drag.from));
    }
    if (drag.kind === "move" && !drag.isMoved && drag.onclick) this.store.select(drag.onclick);
    this.store.settle();
    this.update();
  }

  /** Open a group or stack, or go to a text's field. */
  #open() {
    this.view.dispatchEvent(new CustomEvent("editor:open", { bubbles: true }));
  }

  /** Add a layer of the chosen kind. */
  add(rect) {
    const { store } = this;
    const type = store.tool;
    if (!type) return;
    const page = pageOf(store);
    const place = rect ?? usualRect(type, page);
    const [document, layer] = makeLayer(store.document, type, place, page, store.words.layers[type]);
    store.take(null);
    store.expected = { id: layer.id, rect: place };
    store.edit(addLayer(document, layer, store.selected), { select: layer.id });
    this.say(`${store.words.layers[type]} added.`);
  }

  // --- Keys ---------------------------------------------------------------------

  #key(event) {
    const { store } = this;
    if (event.key === " " && !event.repeat) {
      event.preventDefault();
      this.#setPanning(true);
    } else if (event.key === "Enter" && store.tool) {
      event.preventDefault();
      this.add();
    } else if (event.key === "Enter" && store.selected) this.#open();
    else if (event.key === "Escape") this.#leave();
    else if (ARROWS[event.key] && store.selected) this.#nudge(event);
  }

  #leave() {
    const { store } = this;
    if (this.#drag) {
      const { before } = this.#drag;
      this.#drag = null;
      this.#hits = [];
      this.hover.hidden = true;
      if (before && before !== store.document) store.undo(); // a drag is one step
      this.update();
    } else if (store.tool) store.take(null);
    else store.select((store.selected && find(store.document, store.selected)?.parent?.id) || null);
  }

  #nudge(event) {
    event.preventDefault();
    const { store } = this;
    const [dx, dy] = ARROWS[event.key].map((step) => step * (event.shiftKey ? 10 : 1));
    const why = nudge(store, store.selected, dx, dy, event.ctrlKey || event.metaKey || event.altKey);
    if (why) return this.say(why);
    const rect = store.rectOf(store.selected);
    this.update();
    return this.say(`${Math.round(rect.x)}, ${Math.round(rect.y)}, ${Math.round(rect.width)} by ${Math.round(rect.height)}`, true);
  }
}

function rounded(rect) {
  const x = Math.round(rect.x);
  const y = Math.round(rect.y);
  return { x, y, width: Math.max(1, Math.round(rect.x + rect.width) - x), height: Math.max(1, Math.round(rect.y + rect.height) - y) };
}

function stretched(start, edge, dx, dy, isEven) {
  let { x, y, width, height } = start;
  if (edge.includes("e")) width = Math.max(1, width + dx);
  if (edge.includes("s")) height = Math.max(1, height + dy);
  if (edge.includes("w")) {
    width = Math.max(1, width - dx);
    x = start.x + start.width - width;
  }
  if (edge.includes("n")) {
    height = Math.max(1, height - dy);
    y = start.y + start.height - height;
  }
  if (isEven && edge.length === 2) {
    const ratio = Math.max(width / start.width, height / start.height);
    width = start.width * ratio;
    height = start.height * ratio;
    if (edge.includes("w")) x = start.x + start.width - width;
    if (edge.includes("n")) y = start.y + start.height - height;
  }
  return { x, y, width, height };
}

