/* Elements without markup in strings: h("button", { class: "btn", onclick }, "Words"). */
const sprite = document.querySelector("[data-editor]")?.dataset.icons;

/** Build an element; props are attributes, `on…` handlers, and values of fields. */
export function h(tag, props = {}, ...children) {
  const element = document.createElement(tag);
  element.append(...children.flat().filter((one) => one !== null && one !== undefined && one !== false));
  element.handlers = {};
  for (const [name, value] of Object.entries(props)) {
    if (value === undefined || value === null) continue;
    if (name.startsWith("on")) element[name] = element.handlers[name] = value;
    else if (name === "value" || typeof value === "boolean") element[name] = value;
    else element.setAttribute(name, value);
  }
  if ("value" in props) element.shown = element.value;
  return element;
}

/** Draw an icon of the sprite; `label` speaks where no words stand beside it. */
export function icon(name, label = "") {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("class", "icon");
  if (label) {
    svg.setAttribute("role", "img");
    svg.setAttribute("aria-label", label);
  } else svg.setAttribute("aria-hidden", "true");
  const use = document.createElementNS("http://www.w3.org/2000/svg", "use");
  use.setAttribute("href", `${sprite}#${name}`);
  svg.append(use);
  return svg;
}

/** A small button that shows an icon and says its words to those who can't see it. */
export function iconButton(name, label, onclick, props = {}) {
  return h("button", { type: "button", class: "btn quiet square", "aria-label": label, title: label, onclick, ...props }, icon(name));
}

/** Remember at once that a card is opened or closed: its "toggle" is told later, and a
    picture that comes in between would put the card back. */
export const remembering = (open, name) => ({ onclick: ({ currentTarget }) => (currentTarget.parentElement.open ? open.delete(name) : open.add(name)) });

let count = 0;
export const newId = () => `ed-${(count += 1)}`;

