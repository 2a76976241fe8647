/* Saving: the server keeps the draft as one works. Who changed it meanwhile is asked
   about, never overwritten; what could not be saved waits in this browser. */
import { toast } from "../toasts.js";
import { read } from "../answers.js";
import { walk } from "./layers.js";

const WAIT_MS = 700;
const AGAIN_MS = 5000;

export class Saving {
  #timer = null;
  #running = false;
  #isHeld = false; // somebody else's changes wait for an answer

  constructor(store, { token, say, version, ask }) {
    Object.assign(this, { store, token, say, version, ask });
    this.base = store.setup.base;
    this.saved = store.document;
    this.key = `brandgen.template.${store.setup.id}`;
    store.on("document", () => this.#soon());
    store.on("drawn", () => { if (!store.problem && this.isDirty) this.#soon(); });
    document.addEventListener("visibilitychange", () => { if (document.hidden) this.now(); });
    addEventListener("beforeunload", (event) => { if (this.isDirty && !this.#isKept) event.preventDefault(); });
  }

  get isDirty() { return this.store.document !== this.saved; }

  #soon() {
    if (!this.isDirty) return this.say("Saved");
    this.#keep();
    this.say("Not saved yet");
    clearTimeout(this.#timer);
    const isUnlocked = unlocked(this.saved, this.store.document) !== null;
    this.#timer = setTimeout(() => this.now(), isUnlocked ? 0 : WAIT_MS);
  }

  get #isKept() {
    try {
      return Boolean(localStorage.getItem(this.key));
    } catch {
      return false;
    }
  }

  #keep() {
    try {
      localStorage.setItem(this.key, JSON.stringify({ base: this.base, document: this.store.document }));
    } catch { /* full or forbidden: the server's draft is the one that counts */ }
  }

  #forget() {
    try {
      localStorage.removeItem(this.key);
    } catch { /* as above */ }
  }

  /** Take up what an earlier visit could not save. */
  restore() {
    let kept = null;
    try {
      kept = JSON.parse(localStorage.getItem(this.key));
    } catch { /* nothing of use */ }
    if (!kept?.document?.layers || isSame(kept.document, this.saved)) return this.#forget();
    this.base = kept.base;
    this.store.edit(kept.document);
    toast("What was not saved last time is here again. Undo shows what the server has.");
  }

  /** Save now, unless it is saved or somebody else's changes wait. */
  async now() {
    clearTimeout(this.#timer);
    if (this.#running || this.#isHeld || !this.isDirty) return undefined;
    if (this.store.problem) return this.say("Not saved: something is wrong", true);
    this.#running = true;
    // The server takes a lock away in a save of its own, before what it kept changes.
    const step = unlocked(this.saved, this.store.document);
    const isStep = step !== null && !isSame(step, this.store.document);
    const sent = isStep ? step : this.store.document;
    this.say("Saving");
    let isLater = false; // off to a later time, as the server can't be reached
    try {
      const answer = await this.#send(sent, this.base);
      const told = await read(answer);
      if (answer.status === 409) await this.#choose(told, sent);
      else if (answer.ok && told.base) this.#took(sent, told);
      else {
        this.say(`Not saved: ${told.problem}`, true);
        isLater = ![403, 422].includes(answer.status);
      }
    } catch {
      this.say("Not saved: the server can't be reached", true);
      isLater = true;
    } finally {
      this.#running = false;
    }
    if (isLater) this.#again();
    else if (isStep && this.saved === sent) return this.now();
    else if (this.isDirty && this.store.document !== sent && !this.#isHeld) this.#soon();
    return undefined;
  }

  #again() {
    this.#timer = setTimeout(() => this.now(), AGAIN_MS);
  }

  #send(sent, base) {
    const body = new FormData();
    body.set("document", JSON.stringify(sent));
    body.set("base", base);
    return fetch(this.store.setup.urls.save, { method: "POST", headers: { "X-CSRFToken": this.token }, body });
  }

  #took(sent, told) {
    this.base = told.base;
    this.saved = sent;
    this.version(told);
    if (this.isDirty) return;
    this.#forget();
    this.say(`Saved ${told.savedAt}`);
  }

  /** Let the person choose between two states; the other one stays in the history. */
  async #choose(told, sent) {
    // As when the page was left while it was saved: both are the same.
    if (told.document && isSame(told.document, sent)) return this.#took(sent, told);
    this.#isHeld = true;
    this.say("Not saved: changed by somebody else", true);
    const keeps = await this.ask(told);
    this.#isHeld = false;
    if (keeps === null) {
      this.#isHeld = true;
      return;
    }
    this.base = told.base;
    const mine = this.store.document;
    this.saved = told.document;
    this.store.settle();
    this.store.edit(told.document);
    this.version(told);
    if (keeps === "mine") {
      this.store.settle();
      this.store.edit(mine);
    } else {
      this.#forget();
      this.say("Saved");
    }
  }

  /** Ask again about somebody else's changes that were left open. */
  resume() {
    this.#isHeld = false;
    return this.now();
  }
}

/** Give what was saved with the locks that are gone by now taken away; null if none. */
function unlocked(saved, document) {
  const now = new Map([...walk(document.layers)].map(({ layer }) => [layer.id, layer.locked ?? []]));
  let isChanged = false;
  const free = (layer) => {
    const locked = layer.locked?.filter((lock) => now.get(layer.id)?.includes(lock) ?? true);
    const { locked: before, ...rest } = layer;
    if (before && locked.length < before.length) isChanged = true;
    return { ...rest, ...(locked?.length && { locked }), ...(layer.children && { children: layer.children.map(free) }) };
  };
  const next = { ...saved, layers: saved.layers.map(free) };
  return isChanged ? next : null;
}

/** Whether two documents say the same; a database may order their keys anew. */
function isSame(one, other) {
  const sorted = (_, value) => (value && typeof value === "object" && !Array.isArray(value) ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))) : value);
  return JSON.stringify(one, sorted) === JSON.stringify(other, sorted);
}
