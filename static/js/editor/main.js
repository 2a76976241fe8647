/* The template editor: puts its parts together. Each part listens to the store; what is
   drawn comes from the server, by the renderer of the final files. */
import { h, icon } from "./dom.js";
import { Canvas } from "./canvas.js";
import { copyNow, duplicate, listen, pasteNow } from "./clipboard.js";
import { Content, templatePage } from "./content.js";
import { colorField } from "./controls.js";
import { Drawings } from "./drawings.js";
import { download, replaceBy } from "./files.js";
import { Formats } from "./formats.js";
import { changeLayer, find, fromPointer, remove, walk } from "./layers.js";
import { addSlot, unwrap, usualRect, wrap } from "./make.js";
import { Panel } from "./panel.js";
import { Pictures } from "./pictures.js";
import { pageOf, whyKept } from "./placing.js";
import { Play } from "./play.js";
import { Preview } from "./preview.js";
import { stopTyping } from "./refill.js";
import { Saving } from "./saving.js";
import { Store } from "./store.js";
import { Strip } from "./strip.js";
import { paletteOf, tidy } from "./telling.js";
import { LAYER_ICONS, Tree } from "./tree.js";
import { toast } from "../toasts.js";
import { listenToNotes } from "./notes.js";

const root = document.querySelector("[data-editor]");
const part = (name) => root.querySelector(`[data-part="${name}"]`);
const store = new Store(JSON.parse(document.getElementById("editor-setup").textContent));
const token = root.querySelector("[name=csrfmiddlewaretoken]").value;
const said = part("said");
const note = part("note");
let noteTimer = null;

/** Say something to screen readers, and unless it is quiet in the bar below too. */
function say(text, isQuiet = false) {
  said.textContent = text;
  if (isQuiet) return;
  clearTimeout(noteTimer);
  note.textContent = text;
  noteTimer = setTimeout(() => { note.textContent = ""; }, 4000);
}

const READ_ONLY = "The template is locked for you: nothing was changed.";
// After what asked for the change has said that it was done.
store.on("refused", () => queueMicrotask(() => say(READ_ONLY)));

const acts = {
  undo() {
    stopTyping();
    store.undo();
  },
  redo() {
    stopTyping();
    store.redo();
  },
  duplicate() {
    if (!store.selected) return;
    const [next, id] = duplicate(store);
    store.edit(next, { select: id });
    say("Duplicated.");
  },
  remove() {
    const { layer } = store;
    if (!layer) return;
    if (store.isReadOnly) return void say(READ_ONLY);
    if (store.isLocked(layer, "removal")) return void say("Its removal is locked. Unlock it to remove it.");
    if ([...walk([layer])].some((one) => store.isLocked(one.layer, "removal"))) return void say("The removal of a layer in it is locked. Unlock that first.");
    const next = remove(store.document, layer.id);
    if (!next) return void say("It is the only layer here. A page, group or stack keeps at least one.");
    store.edit(next, { select: find(store.document, layer.id).parent?.id ?? null });
    say("Removed. Undo brings it back.");
  },
  reorder: (by) => tree.reorder(by),
  forward: () => tree.reorder(1),
  backward: () => tree.reorder(-1),
  group: () => wrapIn("group"),
  stack: () => wrapIn("stack"),
  unwrap() {
    if (store.isLocked(store.layer, "removal")) return void say("Its removal is locked. Unlock it to take it apart.");
    if (store.layer.children.some((one) => store.isLocked(one, "position"))) return void say("The position of a layer in it is locked. Unlock that first.");
    const [next, id] = unwrap(store.document, store.selected, (inner) => {
      const rect = store.rectOf(inner);
      return rect && { ...rect };
    });
    store.edit(next, { select: id });
  },
  copy() {
    if (store.selected) {
      copyNow(store);
      say("Copied.");
    }
  },
  paste: () => say(pasteNow(store, pageOf(store)) ? "Pasted." : "Nothing was copied yet."),
  newImageSlot(id) {
    const [next, name] = addSlot(store.document, "image", "picture", "Picture");
    return changeLayer(next, id, (own) => ({ ...own, slot: name }));
  },
  "zoom-in": () => canvas.setZoom(canvas.zoom * 1.25),
  "zoom-out": () => canvas.setZoom(canvas.zoom / 1.25),
  "zoom-fit": () => canvas.fit(),
  "zoom-full": () => canvas.setZoom(1),
  wide(button) {
    const isWide = button.getAttribute("aria-pressed") !== "true";
    button.setAttribute("aria-pressed", String(isWide));
    strip.widen(isWide);
  },
  resume: () => saving.resume(),
  replaceDrawing: (id) => drawings.open(id),
  play: () => play.open(),
  choosePicture: (id) => pictures.open(id),
  download: () => download(store.document),
  replace: () => part("file").click(),
};

function wrapIn(type) {
  if (!store.selected) return;
  const why = whyKept(store, store.selected);
  if (why) return void say(why);
  const rect = store.rectOf(store.selected) ?? usualRect(type, pageOf(store));
  const [next, id] = wrap(store.document, store.selected, type, rect);
  store.edit(next, { select: id });
}

// --- Parts ------------------------------------------------------------------------

const state = part("state");
const preview = new Preview(store, {
  token,
  sharpness: () => canvas.sharpness(),
  state(text, isBad = false) {
    const isPlaced = isBad && store.problem?.problem === text;
    const words = isPlaced ? h("button", { type: "button", class: "ed-link", onclick: () => showWhere(store.problem?.pointer) }, tidy(text)) : h("span", {}, text);
    state.replaceChildren(...(isBad ? [icon("bad")] : []), words);
    state.classList.toggle("bad-text", isBad);
  },
});
const canvas = new Canvas(store, part("view"), { say, tell: (zoom) => { part("zoom").textContent = `${Math.round(zoom * 100)} %`; } });
const pictures = new Pictures(store, document.getElementById("picture"), { say });
const drawings = new Drawings(store, document.getElementById("drawing"), { preview, say, page: () => pageOf(store) });
const play = new Play(store, document.getElementById("play"), { preview });
const strip = new Strip(store, part("formats"), preview);
const tree = new Tree(store, part("layers"), { say });
new Content(store, part("content"), { say });
new Formats(store, part("sizes"));
new Panel(store, part("panel"), { say, acts, page: () => templatePage(store, paletteOf(store), colorField) });

const saved = part("saved");
const saving = new Saving(store, {
  token,
  say(text, isBad = false) {
    saved.textContent = text;
    saved.classList.toggle("bad-text", isBad);
  },
  version(told) {
    part("version").textContent = told.isDraft ? `Draft of v${told.version}` : `v${told.version}, in use`;
    root.classList.toggle("has-draft", told.isDraft);
  },
  ask,
});
if (!store.isReadOnly) saving.restore();

/** Ask whose changes stay; null leaves it open. */
function ask(told) {
  const dialog = document.getElementById("conflict");
  dialog.querySelector("[data-words]").textContent = told.problem;
  dialog.returnValue = "";
  dialog.showModal();
  return new Promise((resolve) => {
    dialog.addEventListener("close", () => {
      const choice = { mine: "mine", theirs: "theirs" }[dialog.returnValue] ?? null;
      part("conflict").hidden = choice !== null;
      resolve(choice);
    }, { once: true });
  });
}

// --- Buttons, menus, keys -----------------------------------------------------------

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-do]");
  if (button) acts[button.dataset.do]?.(button);
});

const kinds = part("kinds");
kinds.replaceChildren(...Object.entries(store.words.layers).map(([type, words]) =>
  h("button", {
    type: "button", class: "item", "data-kind": type,
    onclick(event) {
      kinds.closest("details").open = false;
      if (type === "svg") return void drawings.open();
      store.take(type);
      part("view").focus();
      // By keys there is no pointer to draw with: it lands in the middle.
      if (event.detail === 0) canvas.add();
      else say(`Draw the ${words.toLowerCase()} on the canvas, or press Enter to put it in the middle.`);
    },
  }, icon(LAYER_ICONS[type]), words)));

for (const box of root.querySelectorAll("[data-guide]")) {
  box.checked = canvas.guides[box.dataset.guide];
  box.addEventListener("change", () => {
    canvas.guides[box.dataset.guide] = box.checked;
    canvas.update();
  });
}

/** Fill the slots as the torture test does; a case in a language is laid out in it. */
function fillWith(name) {
  const { locale } = store.setup.cases.find((one) => one.name === name);
  const isKnown = Boolean(store.document.locales?.[locale]);
  store.look({ data: name, locale: locale ? (isKnown ? locale : "") : store.locale });
}
const data = part("data");
const file = part("file");
file.addEventListener("change", async () => {
  const [chosen] = file.files;
  if (chosen) {
    const [words, isError] = await replaceBy(store, preview, chosen);
    toast(words, { isError });
  }
  file.value = ""; // the same file may be chosen again
});
data.addEventListener("change", () => fillWith(data.value));
const locales = part("locale");
function showLocales() {
  const found = Object.entries(store.document.locales ?? {});
  locales.hidden = !found.length;
  locales.replaceChildren(h("option", { value: "" }, "All languages"), ...found.map(([tag, one]) => h("option", { value: tag }, one.label || tag)));
  locales.value = store.locale;
}
locales.addEventListener("change", () => store.look({ locale: locales.value }));
store.on("document view", showLocales);
showLocales();

function showHistory() {
  root.querySelector("[data-do=undo]").disabled = !store.canUndo;
  root.querySelector("[data-do=redo]").disabled = !store.canRedo;
  for (const button of root.querySelectorAll("[data-needs=layer]")) button.disabled = !store.selected;
}
store.on("document selection", showHistory);
showHistory();

// Whether the picture shows the template as it is now: for those who wait for it.
store.on("drawn document view", () => {
  root.dataset.drawn = store.drawn.state === store.state ? "now" : "before";
});

/** Lead to what a JSON pointer names: its layer, or the list that it stands in. */
function showWhere(pointer = "") {
  const at = fromPointer(store.document, pointer);
  if ((at.slot || at.data) && !at.layer) openTab(document.getElementById("tab-content"));
  else if (at.format || at.locale) openTab(document.getElementById("tab-formats"));
  else store.select(at.layer ?? null);
}

const findings = part("findings");
function showFindings() {
  const found = store.drawn.findings;
  const fails = found.filter((one) => one.verdict === "fail").length;
  const next = () => {
    const layers = [...new Set(found.map((one) => one.layer))].filter((id) => find(store.document, id));
    if (layers.length) store.select(layers[(layers.indexOf(store.selected) + 1) % layers.length]);
  };
  const words = `${found.length} ${found.length === 1 ? "thing" : "things"} to look at`;
  findings.replaceChildren(...(store.problem ? [] : found.length
    ? [icon(fails ? "bad" : "warn"), h("button", { type: "button", class: "ed-link", title: "Choose the next layer that something was found at", onclick: next }, words)]
    : [icon("check"), "Checks passed"]));
  findings.className = `ed-found ${fails ? "tone-bad" : found.length ? "tone-warn" : "tone-ok"}`;
}
store.on("drawn", showFindings);

for (const tab of root.querySelectorAll("[role=tab]")) {
  tab.addEventListener("click", () => openTab(tab));
  tab.addEventListener("keydown", (event) => {
    const by = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!by) return;
    const tabs = [...tab.parentElement.children];
    const next = tabs[(tabs.indexOf(tab) + by + tabs.length) % tabs.length];
    openTab(next);
    next.focus();
  });
}

function openTab(tab) {
  for (const one of tab.parentElement.children) {
    one.setAttribute("aria-selected", String(one === tab));
    one.tabIndex = one === tab ? 0 : -1;
    document.getElementById(one.getAttribute("aria-controls")).hidden = one !== tab;
  }
}

root.addEventListener("editor:open", () => {
  const { layer } = store;
  if (layer?.children) store.select(layer.children.at(-1).id);
  else part("panel").querySelector('[data-field="text"], [data-field^="slot/"], [data-field="name"]')?.focus();
});

const isTyping = () => document.activeElement?.matches("input:not([type=checkbox]), textarea, select");
document.addEventListener("keydown", (event) => {
  if (document.querySelector("dialog[open]")) return;
  const inEditor = root.contains(document.activeElement) && !isTyping();
  const withKey = event.ctrlKey || event.metaKey;
  const key = event.key.toLowerCase();
  const run = (act) => {
    event.preventDefault();
    act();
  };
  if (withKey && key === "z") run(event.shiftKey ? acts.redo : acts.undo);
  else if (withKey && key === "y") run(acts.redo);
  else if (withKey && key === "s") run(() => saving.now());
  else if (withKey && key === "d" && inEditor) run(acts.duplicate);
  else if (withKey && key === "g" && inEditor) run(acts.group);
  else if (["delete", "backspace"].includes(key) && inEditor && store.selected) run(acts.remove);
  else if (withKey && key === "]" && inEditor) run(acts.forward);
  else if (withKey && key === "[" && inEditor) run(acts.backward);
  else if (key === "f2" && store.selected) run(() => part("panel").querySelector('[data-field="name"]').focus());
});
listen(store, { say, remove: acts.remove, page: () => pageOf(store), draw: (source) => drawings.add(source) });

listenToNotes(root, say);

// Nothing unsaved stays behind when one goes on to publish.
for (const link of root.querySelectorAll("[data-after-saving]")) {
  link.addEventListener("click", async (event) => {
    if (!saving.isDirty) return;
    event.preventDefault();
    await saving.now();
    if (!saving.isDirty) location.assign(link.href);
  });
}

/** Open at what a link names: a finding of the torture test, its format and its layer. */
function openAt(wanted) {
  const [format, filled, layer] = ["format", "case", "layer"].map((name) => wanted.get(name));
  if (store.document.formats[format]) store.look({ format });
  if (store.setup.cases.some((one) => one.name === filled)) {
    data.value = filled;
    fillWith(filled);
  }
  if (layer && find(store.document, layer)) store.select(layer);
}
openAt(new URLSearchParams(location.search));
preview.ask();
