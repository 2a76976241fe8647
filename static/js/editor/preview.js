/* The picture: the server draws what is being changed, by the renderer of the final
   file. One question is on its way at a time; the newest wins, a slow old one is cut. */
import { read } from "../answers.js";

const WAIT_MS = 120;
const SLOW_MS = 1500;
const SHARP_MS = 450;
const AGAIN_MS = 4000;

export class Preview {
  #timer = null;
  #sharp = null;
  #again = null;
  #running = null;
  #isStale = false;
  #count = 0;

  constructor(store, { token, sharpness, state }) {
    Object.assign(this, { store, token, sharpness, state });
    store.on("document view", () => this.ask());
  }

  /** Ask for a picture soon. */
  ask() {
    clearTimeout(this.#sharp);
    clearTimeout(this.#again);
    this.#isStale = true;
    if (this.#running && performance.now() - this.#running.at > SLOW_MS) this.#running.stop.abort();
    this.#timer ??= setTimeout(() => {
      this.#timer = null;
      if (!this.#running) this.#draw(0.5);
    }, WAIT_MS);
  }

  /** Draw again with as many pixels as the window shows, once nothing moves. */
  #sharpen() {
    clearTimeout(this.#sharp);
    if (this.sharpness() <= 0.55) return;
    this.#sharp = setTimeout(() => { if (!this.#running && !this.#isStale) this.#draw(1); }, SHARP_MS);
  }

  async #draw(scale) {
    const { store } = this;
    const stop = new AbortController();
    this.#running = { stop, at: performance.now() };
    this.#isStale = false;
    this.#count += 1;
    const asked = { state: store.state, document: store.document, format: store.format, locale: store.locale };
    this.state(this.#count > 1 ? "" : "Drawing");
    try {
      const answer = await this.send(asked, scale, stop.signal);
      const told = await read(answer);
      this.#take(told, asked, answer.status === 422);
      if (told.picture && scale < 1) this.#sharpen();
    } catch (error) {
      if (error.name !== "AbortError") {
        this.state("The server can't be reached. Your changes are kept here.", true);
        clearTimeout(this.#again);
        this.#again = setTimeout(() => this.ask(), AGAIN_MS);
      }
    } finally {
      this.#running = null;
      if (this.#isStale && !this.#timer) this.#draw(0.5);
    }
  }

  #take(told, asked, isWrong) {
    const { store } = this;
    const isNow = asked.state === store.state;
    if (asked.format !== store.format || asked.locale !== store.locale) return;
    if (told.picture) {
      store.drawn = { ...told, ...asked };
      store.pictures.set(asked.format, told.picture);
      store.shapes = told.formats;
      if (isNow) {
        store.problem = null;
        store.expected = null;
      }
      this.state("");
    } else if (isNow) {
      if (isWrong) store.problem = told;
      this.state(told.problem, true);
    }
    store.tell("drawn");
  }

  /** Have a document drawn in one format, with the data that one looks at. */
  send(asked, scale, signal, address = this.store.setup.urls.preview) {
    return fetch(address, { method: "POST", headers: { "X-CSRFToken": this.token }, body: this.#body(asked, scale), signal });
  }

  #body({ document, format, locale }, scale) {
    const body = new FormData();
    body.set("document", JSON.stringify(document));
    body.set("format", format);
    body.set("locale", locale);
    body.set("scale", String(scale));
    body.set("case", this.store.data);
    for (const [name, text] of Object.entries(this.store.texts)) if (text) body.set(`t-${name}`, text);
    for (const [name, id] of Object.entries(this.store.images)) if (id) body.set(`i-${name}`, id);
    return body;
  }
}
