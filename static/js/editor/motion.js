/* How the chosen layer comes, goes and moves in between, and how long the video takes. */
import { h, icon } from "./dom.js";
import { checkField, field, lengthField, numberField, selectField } from "./controls.js";
import { changeLayer, put, walk, write } from "./layers.js";
import { words } from "./telling.js";

const LENGTH_S = 6;
const EFFECTS = ["fade", "slide", "scale", "wipe", "typewriter"];
const LOOPS = ["pulse", "sway", "fade", "ken_burns"];
const EASINGS = ["linear", "ease-in", "ease-out", "ease-in-out", "overshoot"];
const SIDES = ["start", "end", "top", "bottom"];

/** Say whether anything moves, in any format. */
export const hasMotion = (document) => [...walk(document.layers)].some(({ layer }) =>
  layer.motion || Object.values(layer.overrides ?? {}).some((part) => Object.values(part).some((changes) => changes.motion)));

export class Motion {
  constructor(store, fields, { play }) {
    Object.assign(this, { store, fields, play });
  }

  controls(seen, isDisabled) {
    const { store } = this;
    const own = seen.motion ?? {};
    const isText = seen.type === "text";
    const isImage = seen.type === "image";
    const effects = EFFECTS.filter((one) => isText || one !== "typewriter");
    const loops = LOOPS.filter((one) => isImage || one !== "ken_burns");
    const moves = hasMotion(store.document);
    return [
      this.#effect("Comes", "enter", own, effects, isDisabled),
      this.#effect("Goes", "exit", own, effects, isDisabled),
      this.#loop(own, loops, isDisabled),
      moves && h("div", { class: "ed-pair" },
        field("Video takes", numberField(store.document.motion?.duration_s ?? LENGTH_S, (value) => store.edit(put(store.document, ["motion"], { ...store.document.motion, duration_s: value }), { key: "motion/duration_s" }), { least: 0.5, most: 60, step: "0.1", unit: "s", isDisabled: store.isReadOnly }), { key: "video/duration_s", error: this.#problem() }),
        h("button", { type: "button", class: "btn small ed-play", "data-field": "do play", onclick: this.play }, icon("play"), "Play")),
    ];
  }

  #problem() {
    const { problem } = this.store;
    return problem?.pointer.startsWith("/motion") ? problem.problem : "";
  }

  /** Write one part of the layer's motion; with the last part all of it goes. */
  #edit(part, value) {
    const { store, fields } = this;
    const { layer } = store;
    const { [part]: _, ...rest } = store.seen.motion ?? {};
    const next = value ? { ...rest, [part]: value } : rest;
    const none = fields.isOverridden(["motion"]) ? null : undefined;
    const kept = Object.keys(next).length ? next : none;
    let document = changeLayer(store.document, layer.id, (one) => write(one, ["motion"], kept, store.target, store.scope));
    if (kept && !document.motion) document = put(document, ["motion"], { duration_s: LENGTH_S });
    store.edit(document, { key: `${layer.id}/motion/${part}` });
  }

  #effect(label, part, own, effects, isDisabled) {
    const { store } = this;
    const effect = own[part];
    const change = (key, value) => this.#edit(part, put(effect, [key], value));
    const about = { ...this.fields.about(["motion", part]), mark: this.fields.mark(["motion"]) };
    const choices = [["", part === "enter" ? "Is there at once" : "Stays to the end"], ...effects.map((one) => [one, words(store, one, "motion")])];
    const select = selectField(effect?.type ?? "", choices, (type) => this.#edit(part, type && start(type, effect)), { isDisabled });
    if (!effect) return field(label, select, { ...about, error: "" });
    return h("div", { class: "ed-axis" }, field(label, select, about),
      h("div", { class: "ed-pair" },
        this.#seconds(part === "enter" ? "After" : "Before the end", `${part}/delay_s`, effect.delay_s ?? 0, (value) => change("delay_s", value), 0, isDisabled),
        this.#seconds("In", `${part}/duration_s`, effect.duration_s ?? 0.6, (value) => change("duration_s", value), 0.05, isDisabled)),
      h("div", { class: "ed-pair" },
        ["slide", "wipe"].includes(effect.type) && this.#side(part, effect.side ?? (effect.type === "slide" ? "bottom" : "start"), (value) => change("side", value), isDisabled),
        effect.type === "scale" && field("From", numberField(effect.size ?? 0.6, (value) => change("size", value), { least: 0, most: 4, factor: 100, unit: "%", step: "1", isDisabled }), { key: `motion/${part}/size` }),
        this.#easing(part, effect.easing ?? "", (value) => change("easing", value || undefined), isDisabled)),
      effect.type === "slide" && checkField("Fades as well", effect.fade ?? true, (value) => change("fade", value), { isDisabled, key: `motion/${part}/fade` }));
  }

  #loop(own, loops, isDisabled) {
    const { store } = this;
    const { loop } = own;
    const change = (key, value) => this.#edit("loop", put(loop, [key], value));
    const about = this.fields.about(["motion", "loop"]);
    const choices = [["", "Stands still"], ...loops.map((one) => [one, words(store, one, "motion")])];
    const select = selectField(loop?.type ?? "", choices, (type) => this.#edit("loop", type && { type }), { isDisabled });
    if (!loop) return field("In between", select, { ...about, mark: null, error: "" });
    const short = Math.min(store.shape.width_px, store.shape.height_px);
    const percent = (label, key, value, least, most) => field(label, numberField(value, (next) => change(key, next), { least, most, factor: 100, unit: "%", step: "1", isDisabled }), { key: `motion/loop/${key}` });
    return h("div", { class: "ed-axis" }, field("In between", select, { ...about, mark: null }),
      loop.type === "ken_burns"
        ? h("div", { class: "ed-pair" }, percent("Zoom", "zoom", loop.zoom ?? 1.15, 1, 3), field("Direction", selectField(loop.direction ?? "in", [["in", "In"], ["out", "Out"]], (value) => change("direction", value), { isDisabled }), { key: "motion/loop/direction" }))
        : h("div", { class: "ed-pair" },
          this.#seconds("Each round", "loop/duration_s", loop.duration_s ?? 2, (value) => change("duration_s", value), 0.4, isDisabled),
          loop.type === "pulse" && percent("Larger by", "amount", loop.amount ?? 0.05, 0, 1),
          loop.type === "fade" && percent("Down to", "opacity", loop.opacity ?? 0.4, 0, 1),
          loop.type === "sway" && this.#side("loop", loop.side ?? "top", (value) => change("side", value), isDisabled)),
      loop.type === "sway" && field("Distance", lengthField(loop.distance ?? "2%", (value) => change("distance", value ?? 0), { short, isDisabled }), { key: "motion/loop/distance" }));
  }

  #seconds(label, key, value, keep, least, isDisabled) {
    return field(label, numberField(value, keep, { least, most: 60, step: "0.1", unit: "s", isDisabled }), { key: `motion/${key}` });
  }

  #side(part, value, keep, isDisabled) {
    return field(part === "loop" ? "To" : part === "exit" ? "To" : "From", selectField(value, SIDES.map((one) => [one, words(this.store, one, "side")]), keep, { isDisabled }), { key: `motion/${part}/side` });
  }

  #easing(part, value, keep, isDisabled) {
    const choices = [["", "As usual"], ...EASINGS.map((one) => [one, words(this.store, one, "easing")])];
    return field("Pace", selectField(value, choices, keep, { isDisabled }), { key: `motion/${part}/easing` });
  }
}

/** Begin another effect with the times of the one before. */
function start(type, before) {
  const { delay_s, duration_s } = before ?? {};
  return { type, ...(delay_s !== undefined && { delay_s }), ...(duration_s !== undefined && { duration_s }) };
}
