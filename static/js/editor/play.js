/* Plays the template as it is now: frames of the real renderer, made by the server. */
import { read } from "../answers.js";

export class Play {
  #address = "";
  #stop = null;

  constructor(store, dialog, { preview }) {
    Object.assign(this, { store, dialog, preview });
    this.picture = dialog.querySelector("img");
    this.told = dialog.querySelector("[role=status]");
    dialog.addEventListener("close", () => this.#forget());
    dialog.querySelector("[data-again]").addEventListener("click", () => this.#show());
  }

  async open() {
    const { store, dialog } = this;
    this.#forget();
    this.told.textContent = "Drawing its frames…";
    dialog.querySelector("h2").textContent = `Motion, ${store.shape.label || store.format}`;
    if (!dialog.open) dialog.showModal();
    this.#stop = new AbortController();
    const asked = { document: store.document, format: store.format, locale: store.locale };
    try {
      const answer = await this.preview.send(asked, 1, this.#stop.signal, store.setup.urls.play);
      if (!answer.headers.get("Content-Type")?.startsWith("image/")) {
        this.told.textContent = (await read(answer)).problem;
        return;
      }
      this.#address = URL.createObjectURL(await answer.blob());
      this.told.textContent = "";
      this.#show();
    } catch (error) {
      if (error.name !== "AbortError") this.told.textContent = "The server can't be reached. Try again in a moment.";
    }
  }

  /** Show the picture from its first frame on. */
  #show() {
    if (!this.#address) return;
    this.picture.src = "";
    this.picture.hidden = false;
    requestAnimationFrame(() => { this.picture.src = this.#address; });
  }

  #forget() {
    this.#stop?.abort();
    this.picture.hidden = true;
    this.picture.removeAttribute("src");
    if (this.#address) URL.revokeObjectURL(this.#address);
    this.#address = "";
  }
}
