/* All formats beside each other: small as tabs, large to look at them together. Drawn
   one after the other once the format in hand is up to date. */
import { h, icon } from "./dom.js";
import { walk } from "./layers.js";
import { refill } from "./refill.js";

const IDLE_MS = 700;
const SMALL_PX = 160;
const LARGE_PX = 480;

export class Strip {
  #timer = null;
  #stop = null;
  #drawn = new Map(); // format: what its picture shows

  constructor(store, place, preview) {
    Object.assign(this, { store, place, preview });
    this.isWide = false;
    store.on("document view", () => this.#soon());
    store.on("document selection view drawn", () => this.show());
    this.show();
    this.#soon();
  }

  show() {
    const { store } = this;
    const chosen = store.layer;
    refill(this.place, Object.keys(store.document.formats).map((name) => {
      const shape = store.shapes[name] ?? { width_px: 1, height_px: 1 };
      const label = shape.label || name;
      const differs = chosen && [...walk([chosen])].some(({ layer }) => layer.overrides?.formats?.[name] || layer.overrides?.classes?.[shape.size_class]);
      const picture = store.pictures.get(name);
      const frame = h("span", { class: "ed-thumb" }, picture ? h("img", { src: picture, alt: "", width: shape.width_px, height: shape.height_px }) : null);
      return h("button", { type: "button", class: "ed-format", "data-field": `show ${name}`, "aria-pressed": String(name === store.format), onclick: () => this.#choose(name) },
        frame, h("span", { class: "ed-format-words" }, h("span", { class: "one-line strong" }, label), h("span", { class: "xs mut num" }, `${shape.width_px} × ${shape.height_px}`)),
        differs && h("span", { class: "ed-differs", title: "The chosen layer differs here" }, icon("edit", "The chosen layer differs here")));
    }));
  }

  #choose(name) {
    if (this.isWide) this.widen(false);
    this.store.look({ format: name });
  }

  /** Show the formats large beside each other, or as tabs again. */
  widen(isWide) {
    this.isWide = isWide;
    this.place.closest(".ed-stage").classList.toggle("is-wide", isWide);
    this.#soon(0);
  }

  #soon(wait = IDLE_MS) {
    this.#stop?.abort();
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#draw(), wait);
  }

  /** Say what a picture of the strip would show now. */
  #wanted() {
    const { document, locale, data, texts, images } = this.store;
    return [document, locale, data, texts, images, this.isWide];
  }

  async #draw() {
    const { store } = this;
    if (store.problem) return; // nothing of it can be drawn
    this.#stop = new AbortController();
    const { signal } = this.#stop;
    const wanted = this.#wanted();
    const asked = store.document;
    for (const format of Object.keys(asked.formats)) {
      if (format === store.format && !this.isWide) continue; // the canvas has it
      if (wanted.every((one, index) => this.#drawn.get(format)?.[index] === one)) continue;
      const shape = store.shapes[format];
      const longest = shape ? Math.max(shape.width_px, shape.height_px) : 1080;
      const scale = Math.min(1, (this.isWide ? LARGE_PX : SMALL_PX) * devicePixelRatio / longest);
      try {
        const answer = await this.preview.send({ document: asked, format, locale: store.locale }, scale, signal);
        if (!answer.ok) continue;
        store.pictures.set(format, (await answer.json()).picture);
        this.#drawn.set(format, wanted);
      } catch {
        return; // a newer state is drawn soon
      }
      this.show();
    }
  }
}
