/* A picture that a layer always shows: chosen from the approved ones of the library. */
import { h, icon } from "./dom.js";
import { read } from "../answers.js";
import { changeLayer, find } from "./layers.js";

const PAUSE_MS = 250;

export class Pictures {
  #target = null; // the layer that shall show what is chosen
  #asked = 0; // so that an answer that comes late does not put a newer one away
  #timer = null;

  constructor(store, dialog, { say }) {
    Object.assign(this, { store, dialog, say });
    this.search = dialog.querySelector("input[type=search]");
    this.list = dialog.querySelector("[data-list]");
    this.told = dialog.querySelector("[data-told]");
    this.take = dialog.querySelector("[data-take]");
    this.search.addEventListener("input", () => {
      clearTimeout(this.#timer);
      this.#timer = setTimeout(() => this.#offer(), PAUSE_MS);
    });
    this.list.addEventListener("change", () => { this.take.disabled = false; });
    dialog.querySelector("form").addEventListener("submit", (event) => this.#submit(event));
    dialog.querySelector("[data-cancel]").addEventListener("click", () => dialog.close());
    // A choice that was not made leaves the field of the panel at what it was before.
    dialog.addEventListener("close", () => store.tell("selection"));
  }

  /** Ask which picture a layer shall always show. */
  open(id) {
    this.#target = id;
    this.search.value = "";
    this.list.replaceChildren();
    this.dialog.showModal();
    this.search.focus();
    this.#offer();
  }

  async #offer() {
    const asked = (this.#asked += 1);
    const words = this.search.value.trim();
    this.take.disabled = true;
    this.told.textContent = "Looking in the library …";
    const { pictures, more, problem } = await this.#find(words);
    if (asked !== this.#asked) return;
    this.list.replaceChildren(...(pictures ?? []).map((one) => this.#card(one)));
    this.take.disabled = !this.list.querySelector(":checked");
    this.told.textContent = problem ?? tell(pictures.length, more, words);
  }

  async #find(words) {
    try {
      return await read(await fetch(`${this.store.setup.urls.pictures}?${new URLSearchParams({ q: words })}`, { headers: { Accept: "application/json" } }));
    } catch {
      return { problem: "The server can't be reached. Try again." };
    }
  }

  #card(one) {
    this.store.setup.own[one.name] = one;
    const radio = h("input", { type: "radio", name: "picture", value: one.name, checked: one.name === this.#shown() });
    return h("label", { class: "choose-one" }, radio, h("img", { class: "pic", src: one.thumb, alt: one.title, title: one.title, width: 96, height: 96, loading: "lazy" }));
  }

  #shown() {
    return find(this.store.document, this.#target)?.layer.image;
  }

  #submit(event) {
    event.preventDefault();
    const chosen = this.list.querySelector(":checked")?.value;
    if (!chosen) return void (this.told.textContent = "Choose a picture first.");
    const { store } = this;
    store.edit(changeLayer(store.document, this.#target, ({ slot: _, ...rest }) => ({ ...rest, image: chosen })));
    this.dialog.close();
    this.say(`It always shows “${store.setup.own[chosen].title}” now.`);
  }
}

/** Say how many pictures were found. */
function tell(count, more, words) {
  if (!count) return words ? `No approved picture is called “${words}”.` : "Nothing is approved yet. Pictures that a reviewer approved stand here.";
  const found = count === 1 ? "1 picture" : `${count} pictures`;
  return more ? `The newest ${found}. Search for others by their title.` : found;
}

/** Show which picture a layer always shows, with a way to another. */
export function pictureOf(store, layer, { isDisabled, choose, error }) {
  const known = store.setup.own[layer.image];
  return h("div", { class: "ed-own" },
    known ? h("img", { src: known.thumb, alt: "", width: 48, height: 48 }) : icon("image"),
    h("span", { class: "grow" }, known?.title ?? "A picture that the library does not have"),
    h("button", { type: "button", class: "btn small", disabled: isDisabled, "data-field": "choose picture", onclick: choose }, "Choose another"),
    error && h("p", { class: "ed-error" }, icon("bad"), error));
}
