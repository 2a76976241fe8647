/* The template's data: groups of values that texts bind, each with an example. */
import { h, icon, iconButton, remembering } from "./dom.js";
import { field, selectField, textField } from "./controls.js";
import { changeLayer, fromPointer, nameOf, write } from "./layers.js";
import { addGroup, addPart, bindingOf, removeGroup, removePart, renameGroup, renamePart, usesOfData } from "./references.js";
import { stopTyping, whileTyping } from "./refill.js";
import { tidy } from "./telling.js";

export class DataList {
  #open = new Set();

  constructor(store, { say }) {
    Object.assign(this, { store, say });
  }

  /** Give the section: heading, groups, and a button for one more. */
  section() {
    const groups = Object.entries(this.store.document.data ?? {});
    return [
      h("h2", {}, "Data"),
      h("p", { class: "help" }, "Values that texts print, as {{ product.price }}: from the columns of a table, fields of the form, or an address. What people make never shows the examples."),
      groups.length ? h("ul", { class: "ed-cards" }, groups.map(([owner, parts]) => this.#group(owner, parts))) : null,
      h("div", { class: "row wrap" }, h("button", { type: "button", class: "btn small", "data-field": "add data", onclick: () => this.#addGroup() }, icon("plus"), "Data")),
    ];
  }

  #addGroup() {
    const [document, name] = addGroup(this.store.document);
    this.#open.add(name);
    this.store.edit(document);
    this.say(`Data ${name} was added, with one part.`, true);
  }

  #wrong(owner) {
    const { store } = this;
    const wrong = store.problem && fromPointer(store.document, store.problem.pointer);
    return wrong?.data === owner ? wrong : null;
  }

  #group(owner, parts) {
    const wrong = this.#wrong(owner);
    const names = Object.keys(parts);
    const users = this.#usersOf(owner);
    return h("li", { "data-id": owner }, h("details", { class: "ed-card", open: this.#open.has(owner) || Boolean(wrong), ontoggle: (event) => (event.currentTarget.open ? this.#open.add(owner) : this.#open.delete(owner)) },
      h("summary", { "data-field": `data ${owner}`, ...remembering(this.#open, owner) }, icon("table"), h("span", { class: "grow one-line" }, owner), h("span", { class: "xs mut num" }, `${names.length} part${names.length === 1 ? "" : "s"}`)),
      h("div", { class: "ed-group" },
        field("Name of the group", this.#nameField(owner, (wanted) => this.#renameGroup(owner, wanted)), { key: `data ${owner} name`, error: wrong && !wrong.path.length ? tidy(this.store.problem.problem) : "" }),
        names.map((part) => this.#part(owner, part, parts[part], wrong))),
      h("div", { class: "row wrap" },
        h("button", { type: "button", class: "btn small", "data-field": `data ${owner} add`, disabled: names.length >= 60, onclick: () => this.#addPart(owner) }, icon("plus"), "Part"),
        h("button", { type: "button", class: "btn small quiet danger push", "data-field": `data ${owner} remove`, disabled: Boolean(users), title: users ? `Take it out of ${users} first` : "", onclick: () => this.#remove(removeGroup(this.store.document, owner), owner) }, "Remove the group"))));
  }

  #part(owner, part, example, wrong) {
    const { store } = this;
    const key = `data ${owner} ${part}`;
    const users = this.#usersOf(owner, part);
    const error = wrong && wrong.path[0] === part ? tidy(store.problem.problem) : "";
    return h("fieldset", { class: "ed-group", "data-key": key, "aria-label": `${owner}.${part}` },
      h("div", { class: "ed-pair" },
        field("Part", this.#nameField(part, (wanted) => this.#renamePart(owner, part, wanted)), { key: `${key} name` }),
        field("Example", textField(example, (value) => store.edit({ ...store.document, data: { ...store.document.data, [owner]: { ...store.document.data[owner], [part]: value ?? "" } } }, { key }), { most: 2000 }), { key: `${key} example`, error })),
      h("p", { class: "help" }, users ? `Named by ${users}` : "No text names it yet"),
      h("div", { class: "row" },
        this.#insertButton(owner, part),
        iconButton("trash", users ? `Take ${owner}.${part} out of ${users} first` : `Remove ${owner}.${part}`, () => this.#remove(removePart(store.document, owner, part), `${owner}.${part}`), { class: "btn quiet square push", disabled: Boolean(users), "data-field": `${key} remove` })));
  }

  #insertButton(owner, part) {
    const { store } = this;
    const isText = isBindable(store);
    return h("button", {
      type: "button", class: "btn small", disabled: !isText, "data-field": `data ${owner} ${part} insert`, "aria-label": `Insert ${owner}.${part} into the chosen text`,
      title: isText ? "Into the chosen text" : "Choose a text layer whose text is fixed", onclick: () => {
        insertBinding(store, owner, part);
        this.say(`${bindingOf(owner, part)} was inserted into the text.`);
      },
    }, "Insert");
  }

  /** A name counts when it is left: half of one would be taken for another. */
  #nameField(name, keep) {
    const onchange = ({ target }) => {
      const wanted = target.value;
      stopTyping(target);
      keep(wanted);
    };
    // A picture that comes meanwhile does not put the old name back.
    const oninput = ({ target }) => whileTyping(target, () => {});
    return h("input", { type: "text", value: name, maxlength: 40, spellcheck: "false", autocapitalize: "off", oninput, onchange });
  }

  #usersOf(owner, part) {
    const { document, words } = this.store;
    return usesOfData(document, owner, part).map((layer) => `“${nameOf(layer, document, words)}”`).join(", ");
  }

  #renameGroup(owner, wanted) {
    const [document, name] = renameGroup(this.store.document, owner, wanted);
    this.#open.delete(owner);
    this.#open.add(name);
    this.#renamed(document, owner, name);
  }

  #renamePart(owner, part, wanted) {
    const [document, name] = renamePart(this.store.document, owner, part, wanted);
    this.#renamed(document, `${owner}.${part}`, `${owner}.${name}`);
  }

  #renamed(document, from, to) {
    if (document === this.store.document) return this.store.tell("document"); // shows the old name
    this.store.edit(document);
    return this.say(`${from} is called ${to} now. Texts that name it follow.`);
  }

  #addPart(owner) {
    const [document, name] = addPart(this.store.document, owner);
    this.store.edit(document);
    this.say(`${owner}.${name} was added.`, true);
  }

  #remove(document, name) {
    this.store.edit(document);
    this.say(`${name} was removed. Undo brings it back.`);
  }
}

/** Say whether the chosen layer has a text of its own that may be changed. */
function isBindable(store) {
  const { layer } = store;
  return typeof layer?.text === "string" && !layer.slot && !store.isLocked(layer, "content");
}

/** Put a binding where the caret was in the panel's text, else at the end of the text. */
function insertBinding(store, owner, part) {
  const { layer, seen } = store;
  const area = document.querySelector('[data-part="panel"] [data-field="text"]');
  const at = area?.value === seen.text ? area.selectionStart : seen.text.length;
  const [before, after] = [seen.text.slice(0, at), seen.text.slice(at)];
  const gap = before && !/\s$/.test(before) ? " " : "";
  const text = `${before}${gap}${bindingOf(owner, part)}${after}`;
  store.edit(changeLayer(store.document, layer.id, (own) => write(own, ["text"], text, store.target, store.scope)));
}

/** A choice of all data to put into the chosen text; nothing where there is none. */
export function insertField(store, { isDisabled }) {
  const parts = Object.entries(store.document.data ?? {}).flatMap(([owner, own]) => Object.keys(own).map((part) => `${owner}.${part}`));
  if (!parts.length) return null;
  const keep = (chosen) => { if (chosen) insertBinding(store, ...chosen.split(".")); };
  return field("Insert data", selectField("", [["", "Choose a value"], ...parts.map((one) => [one, one])], keep, { isDisabled }), { key: "insert data" });
}
