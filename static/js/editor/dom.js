/* Elements without markup in strings: h("button", { class: "btn", onclick }, "Words"). */
const sprite = document.querySelector("[data-editor]")?.dataset.icons;

/** Build an element; props are attributes, `on…` listeners, and values of fields. */
export function h(tag, props = {}, ...children) {
  const element = document.createElement(tag);
  element.append(...children.flat().filter((one) => one !== null && one !== undefined && one !== false));
  for (const [name, value] of Object.entries(props)) {
    if (value === undefined || value === null) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (name === "value" || typeof value === "boolean") element[name] = value;
    else element.setAttribute(name, value);
  }
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

let count = 0;
export const newId = () => `ed-${(count += 1)}`;

/** Put new content into a place and give the focus back to the field that had it. */
export function refill(place, ...children) {
  const held = place.contains(document.activeElement) ? document.activeElement.dataset.field : null;
  const at = place.scrollTop;
  place.replaceChildren(...children.flat().filter(Boolean));
  place.scrollTop = at;
  if (held) place.querySelector(`[data-field="${CSS.escape(held)}"]`)?.focus({ preventScroll: true });
}
