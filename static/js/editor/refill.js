/* New content for a place, in which what stays the same stays the same element: what is
   being typed, the caret, an open list and a click that has begun outlive a new state. */

/** Put new content into a place; fields and rows are known again by their keys. */
export function refill(place, ...children) {
  const fresh = document.createDocumentFragment();
  fresh.append(...children.flat().filter(Boolean));
  const held = place.contains(document.activeElement) && document.activeElement !== place ? document.activeElement : null;
  const at = [place.scrollLeft, place.scrollTop];
  morph(place, fresh);
  [place.scrollLeft, place.scrollTop] = at;
  if (!held || document.activeElement === held) return;
  const twin = held.dataset.field && place.querySelector(`[data-field="${CSS.escape(held.dataset.field)}"]`);
  if (!twin) place.tabIndex = -1;
  (twin || place).focus({ preventScroll: true });
}

/** Do what typing asks for; until the field is left its own text is not touched. */
export function whileTyping(field, act) {
  field.isTyped = true;
  act();
}

/** Let the field in hand show its value again, as after undo. */
export function stopTyping(field = document.activeElement) {
  if (!field?.isTyped) return;
  field.isTyped = false;
  field.value = field.shown ?? field.value;
}

const keyOf = (node) => node.dataset?.key ?? node.dataset?.field ?? node.dataset?.id;

const isSame = (own, next) => own.nodeType === next.nodeType && own.nodeName === next.nodeName && own.type === next.type && keyOf(own) === keyOf(next);

function morph(old, fresh) {
  const wanted = [...fresh.childNodes];
  const keys = new Set(wanted.map(keyOf));
  const known = new Map();
  for (const own of [...old.childNodes]) {
    const key = keyOf(own);
    if (key === undefined) continue;
    if (!keys.has(key) || known.has(key)) own.remove();
    else known.set(key, own);
  }
  let at = old.firstChild;
  const drop = () => {
    const gone = at;
    at = at.nextSibling;
    gone.remove();
  };
  for (const next of wanted) {
    const key = keyOf(next);
    const twin = key === undefined ? at : known.get(key);
    known.delete(key);
    if (!twin || !isSame(twin, next)) {
      old.insertBefore(next, at);
      continue;
    }
    while (at && at !== twin && keyOf(at) === undefined) drop();
    if (twin === at) at = at.nextSibling;
    else old.insertBefore(twin, at);
    update(twin, next);
  }
  while (at) drop();
}

function update(own, next) {
  if (own.nodeType !== Node.ELEMENT_NODE) {
    if (own.data !== next.data) own.data = next.data;
    return;
  }
  for (const { name } of [...own.attributes]) if (!next.hasAttribute(name)) own.removeAttribute(name);
  for (const { name, value } of next.attributes) if (name !== "style" && own.getAttribute(name) !== value) own.setAttribute(name, value);
  if (own.style.cssText !== next.style.cssText) own.style.cssText = next.style.cssText;
  for (const name of Object.keys({ ...own.handlers, ...next.handlers })) own[name] = next.handlers?.[name] ?? null;
  own.handlers = next.handlers;
  if (own.localName !== "textarea") morph(own, next);
  if (own.type === "checkbox") own.checked = next.checked;
  else if (own.matches("input, select, textarea")) show(own, next.value);
}

function show(field, value) {
  field.shown = value;
  if (field.isTyped && field === document.activeElement) return;
  field.isTyped = false;
  if (field.value !== value) field.value = value;
}
