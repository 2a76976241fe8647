/* Fields of the panels, by what they hold: lengths, colors of the brand, fills, choices.
   `keep(value)` takes a new value; undefined takes the field away. */
import { h, icon, newId } from "./dom.js";
import { inUnitOf, toPixels } from "./axis.js";
import { stopTyping, whileTyping } from "./refill.js";

/** Put a label above a control; `mark` says that it differs here, `error` what is wrong. */
export function field(label, control, { mark, error, help, inline, key } = {}) {
  const input = control.matches?.("input, select, textarea") ? control : control.querySelector?.("input, select, textarea");
  const isGroup = !input || control.getAttribute("role") === "group";
  const id = newId();
  if (isGroup) control.setAttribute("aria-label", label);
  else {
    input.id = id;
    if (key) input.dataset.field ??= key;
  }
  if (key) for (const [index, one] of control.querySelectorAll("button, input, select, textarea").entries()) one.dataset.field ??= `${key} ${one.dataset.own ?? index}`;
  if (error && input) {
    input.setAttribute("aria-invalid", "true");
    input.setAttribute("aria-describedby", `${id}-error`);
  }
  const name = isGroup ? h("span", { class: "ed-label" }, label) : h("label", { class: "ed-label", for: id }, label);
  return h("div", { class: `ed-field${inline ? " inline" : ""}`, "data-key": key }, h("div", { class: "ed-label-row" }, name, mark), control,
    help && h("p", { class: "help" }, help),
    error && h("p", { class: "ed-error", id: `${id}-error` }, icon("bad"), error));
}

/** What is typed counts at once; when it is done, the field shows what was taken. */
const typed = (keep, read) => ({ oninput: ({ target }) => whileTyping(target, () => keep(read(target))), onchange: ({ target }) => stopTyping(target) });

export function textField(value, keep, { lines = 1, most, placeholder, isMono, isDisabled, isEmptyNothing = true } = {}) {
  const read = (input) => (input.value === "" && isEmptyNothing ? undefined : input.value);
  const props = { value: value ?? "", maxlength: most, placeholder, disabled: Boolean(isDisabled), spellcheck: isMono ? "false" : undefined, class: isMono ? "mono" : undefined, ...typed(keep, read) };
  return lines > 1 ? h("textarea", { rows: lines, ...props }) : h("input", { type: "text", ...props });
}

export function numberField(value, keep, { least, most, step = "any", unit, isDisabled, placeholder, factor = 1 } = {}) {
  const read = (input) => (input.value === "" || !input.validity.valid && input.validity.badInput ? undefined : bounded(Number(input.value) / factor, least, most));
  const input = h("input", {
    type: "number", value: value === undefined || value === null ? "" : tidy(value * factor), min: scaled(least, factor), max: scaled(most, factor), step, placeholder,
    disabled: Boolean(isDisabled), inputmode: "decimal", ...typed((next) => { if (next !== undefined || placeholder !== undefined) keep(next); }, read),
  });
  return unit ? h("div", { class: "ed-unit" }, input, h("span", { "aria-hidden": "true" }, unit)) : input;
}

const tidy = (number) => String(Math.round(number * 1000) / 1000);
const scaled = (limit, factor) => (limit === undefined ? undefined : String(limit * factor));
const bounded = (number, least = -Infinity, most = Infinity) => Math.min(most, Math.max(least, number));

/** A length in pixels, or in percent of the format's short side. */
export function lengthField(value, keep, { short, isNullable, isDisabled, least } = {}) {
  const isPercent = typeof value === "string";
  const inUnit = (next, unit) => (unit === "%" ? inUnitOf("0%", next, short) : inUnitOf(0, next, short));
  const number = value === undefined || value === null ? undefined : isPercent ? Number.parseFloat(value) : value;
  const write = (next) => (isPercent && next !== undefined ? `${Math.round(next * 1000) / 1000}%` : next);
  const input = numberField(number, (next) => keep(write(next)), { isDisabled, least, ...(isNullable && { placeholder: "–" }) });
  const unit = h("select", {
    value: isPercent ? "%" : "px", "aria-label": "Unit", disabled: Boolean(isDisabled || number === undefined),
    title: "Pixels, or percent of the format's short side",
    onchange: ({ target }) => keep(inUnit(toPixels(value, short), target.value)),
  }, h("option", {}, "px"), h("option", {}, "%"));
  return h("div", { class: "ed-length" }, input, unit);
}

export function selectField(value, choices, keep, { isDisabled } = {}) {
  return h("select", { value: value ?? "", disabled: Boolean(isDisabled), onchange: (event) => keep(event.target.value) },
    choices.map(([own, label]) => h("option", { value: own, selected: own === (value ?? "") }, label)));
}

export function checkField(label, value, keep, { isDisabled, mark, error, key } = {}) {
  return h("div", { class: "ed-check" }, h("label", { class: "check" },
    h("input", { type: "checkbox", checked: Boolean(value), disabled: Boolean(isDisabled), "data-field": key, onchange: (event) => keep(event.target.checked) }), label), mark,
  error && h("p", { class: "ed-error" }, icon("bad"), error));
}

/** Buttons of which one is pressed: [[value, label, icon]]. */
export function choiceField(value, choices, keep, { isDisabled, label = "" } = {}) {
  return h("div", { class: "ed-choice", role: "group", "aria-label": label }, choices.map(([own, words, picture]) =>
    h("button", { type: "button", "aria-pressed": String(own === value), disabled: Boolean(isDisabled), title: words, "aria-label": picture ? words : undefined, "data-field": `choice ${label} ${own}`, onclick: () => keep(own) }, picture ? icon(picture) : words)));
}

/** The brand's colors: those the template names, then roles that it does not use yet. */
export function colorField(value, keep, { palette, isNullable, isDisabled }) {
  const swatch = (one) => {
    const button = h("button", {
      type: "button", class: "ed-swatch", "aria-pressed": String(one.token !== undefined && one.token === value), disabled: Boolean(isDisabled),
      "aria-label": one.label, title: one.label, "data-own": one.role, onclick: () => keep(one),
    });
    if (one.hex) button.style.backgroundColor = one.hex;
    else button.classList.add("is-missing");
    return button;
  };
  const none = isNullable && h("button", { type: "button", class: "ed-swatch is-none", "aria-pressed": String(!value), "aria-label": "None", title: "None", disabled: Boolean(isDisabled), onclick: () => keep(null) });
  const chosen = palette.find((one) => one.token === value);
  return h("div", { class: "ed-colors" }, h("div", { class: "ed-swatches" }, none, palette.map(swatch)), h("span", { class: "xs mut" }, chosen ? chosen.label : isNullable ? "None" : ""));
}
