/* What the editor knows: the document with its history, and what is looked at. Parts
   listen: "document", "view" (format, locale, data), "selection", "drawn", "tool",
   "refused" (a change, where the template is locked for this person). */
import { find, seenIn } from "./layers.js";

const MOST_STEPS = 200;
const SAME_MS = 1200;

export class Store {
  #listeners = new Map();
  #done = [];
  #undone = [];
  #last = { key: null, at: 0 };

  constructor(setup) {
    this.setup = setup;
    this.words = setup.words;
    this.isReadOnly = setup.isLocked;
    this.document = setup.document;
    this.shapes = setup.formats;
    this.format = Object.keys(setup.formats)[0];
    this.locale = "";
    this.scope = "";
    this.selected = null;
    this.tool = null;
    this.data = "examples"; // a case of the torture test fills the slots
    this.texts = {};
    this.images = {};
    this.drawn = { boxes: {}, frames: {}, findings: [] };
    this.pictures = new Map(); // small ones of every format, as far as they are drawn
    this.state = 0; // counts what there is to draw
    this.expected = null; // {id, rect}: where a layer will lie once it is drawn
    this.problem = null; // {problem, pointer} of the document as it is now
  }

  on(name, hear) {
    for (const one of name.split(" ")) this.#listeners.set(one, [...(this.#listeners.get(one) ?? []), hear]);
  }

  tell(name) {
    for (const hear of this.#listeners.get(name) ?? []) hear(this);
  }

  /** Take a new document; steps with the same key shortly after each other are one. */
  edit(document, { key = null, select } = {}) {
    if (document === this.document || !document) return;
    if (this.isReadOnly) return void this.tell("refused");
    const now = performance.now();
    const isSame = key && this.#last.key === key && now - this.#last.at < SAME_MS;
    if (!isSame) this.#done.push({ document: this.document, selected: this.selected });
    if (this.#done.length > MOST_STEPS) this.#done.shift();
    this.#undone = [];
    this.#last = { key, at: now };
    this.#show(document, select === undefined ? this.selected : select);
  }

  /** Say that a row of steps with one key is over, as when a drag ends. */
  settle() {
    this.#last = { key: null, at: 0 };
  }

  undo() { this.#turn(this.#done, this.#undone); }
  redo() { this.#turn(this.#undone, this.#done); }
  get canUndo() { return this.#done.length > 0; }
  get canRedo() { return this.#undone.length > 0; }

  #turn(from, to) {
    const step = from.pop();
    if (!step) return;
    to.push({ document: this.document, selected: this.selected });
    this.settle();
    this.expected = null;
    this.#show(step.document, step.selected);
  }

  #show(document, selected) {
    this.document = document;
    this.state += 1;
    if (!document.formats[this.format]) this.format = Object.keys(document.formats)[0];
    if (this.locale && !document.locales?.[this.locale]) this.locale = "";
    const stays = selected && find(document, selected) ? selected : null;
    const isOther = stays !== this.selected;
    this.selected = stays;
    this.tell("document");
    if (isOther) this.tell("selection");
  }

  select(id) {
    if (this.selected === id) return;
    this.selected = id;
    this.settle();
    this.tell("selection");
  }

  look(view) {
    Object.assign(this, view);
    if (!this.locale && this.scope === "locales") this.scope = "";
    this.expected = null;
    this.state += 1;
    this.tell("view");
  }

  take(tool) {
    this.tool = tool;
    this.tell("tool");
  }

  get shape() {
    return this.shapes[this.format] ?? Object.values(this.shapes)[0];
  }

  get target() {
    return { sizeClass: this.shape.size_class, format: this.format, locale: this.locale };
  }

  get layer() {
    return this.selected ? find(this.document, this.selected)?.layer ?? null : null;
  }

  /** The selected layer as it is in the shown format and locale. */
  get seen() {
    return this.layer && seenIn(this.layer, this.target);
  }

  /** The room of a layer on the page, in pixels of the format; null if it has none. */
  rectOf(id) {
    if (this.expected?.id === id) return this.expected.rect;
    return this.#rect(this.drawn.frames[id] ?? this.drawn.boxes[id]);
  }

  /** What a layer takes of its room: of a text, its lines. */
  boxOf(id) {
    return this.#rect(this.drawn.boxes[id]);
  }

  #rect(corners) {
    if (!corners || this.drawn.format !== this.format) return null;
    const [x, y, width, height] = corners;
    return { x, y, width, height };
  }

  isLocked(layer, lock) {
    return this.isReadOnly || Boolean(layer?.locked?.includes(lock));
  }
}
