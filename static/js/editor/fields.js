/* What the panel's parts share: how the fields of the chosen layer are written, where
   their values come from and what is wrong with them. */
import { h, icon } from "./dom.js";
import { changeLayer, fromPointer, originOf, put, reset, write } from "./layers.js";
import { tidy, words as sayValue } from "./telling.js";

export class LayerFields {
  constructor(store) {
    this.store = store;
  }

  edit(path, value) {
    const { store } = this;
    const { layer } = store;
    store.edit(changeLayer(store.document, layer.id, (own) => write(own, path, value, store.target, store.scope)), { key: `${layer.id}/${path.join("/")}` });
  }

  /** Write what can't differ by format: id, slot, locks, children. */
  set(path, value) {
    const { store } = this;
    const { layer } = store;
    store.edit(changeLayer(store.document, layer.id, (own) => put(own, path, value)), { key: `${layer.id}/${path.join("/")}` });
  }

  mark(path) {
    const { store } = this;
    const { layer } = store;
    const part = originOf(layer, path, store.target);
    if (!part) return null;
    const key = { classes: store.target.sizeClass, formats: store.format, locales: store.locale }[part];
    const name = part === "formats" ? store.shape.label || key : part === "locales" ? store.document.locales[key].label || key : key;
    const words = part === "classes" ? `Only in ${sayValue(store, key, "size_class").toLowerCase()} formats` : `Only in ${name}`;
    return h("button", {
      type: "button", class: "ed-mark", title: `${words}. Reset to the value of all formats.`, "data-field": `reset ${path.join("/")}`,
      onclick: () => store.edit(changeLayer(store.document, layer.id, (own) => reset(own, part, key, path[0] === "box" ? path.slice(0, 2) : path.slice(0, 1)))),
    }, h("span", { class: "one-line" }, words), icon("undo", "Reset"));
  }

  error(path) {
    const { store } = this;
    const { layer } = store;
    if (!store.problem) return "";
    const at = fromPointer(store.document, store.problem.pointer);
    return at.layer === layer.id && at.path.join("/").startsWith(path.join("/")) && path.length ? tidy(store.problem.problem) : "";
  }

  about(path) {
    return { mark: this.mark(path), error: this.error(path), key: path.join("/") };
  }

  isOverridden(path) {
    return Boolean(originOf(this.store.layer, path, this.store.target) || this.store.scope);
  }

  definition() {
    return Object.values(this.store.setup.schema).find((one) => one.properties?.type?.const === this.store.layer.type && one.properties.id);
  }
}
