/* Create: says how many references are chosen, and lets one draw the place for text on a
   blank of the format. Without this module the four number fields do the same. */
const form = document.querySelector("form.ask");
const count = form?.querySelector("[data-chosen-count]");
const blank = form?.querySelector("[data-room-blank]");
const box = form?.querySelector("[data-room-box]");
const SIDES = ["left", "top", "right", "bottom"];

function countChosen() {
  const chosen = form.querySelectorAll("[name=references]:checked").length;
  count.textContent = chosen ? `${chosen} chosen` : "";
  for (const tick of form.querySelectorAll("[name=references]:not(:checked)")) tick.disabled = chosen >= 8;
}

const fields = () => SIDES.map((side) => form.elements[`box_${side}`]);

function showBox() {
  const [left, top, right, bottom] = fields().map((field) => (field.value === "" ? NaN : Number(field.value)));
  box.hidden = !(left < right && top < bottom);
  if (box.hidden) return;
  box.style.left = `${left}%`;
  box.style.top = `${top}%`;
  box.style.width = `${right - left}%`;
  box.style.height = `${bottom - top}%`;
}

/** Give the blank the shape of the format. */
function shape() {
  const [width, height] = form.elements.size.value.split("x").map(Number);
  blank.hidden = form.elements.layout.value !== "own";
  blank.style.aspectRatio = `${width} / ${height}`;
  blank.style.width = `min(100%, ${Math.round((220 * width) / height)}px)`;
  showBox();
}

let from = null;

function at(event) {
  const edge = blank.getBoundingClientRect();
  const share = (value, start, length) => Math.round(Math.min(100, Math.max(0, (100 * (value - start)) / length)));
  return [share(event.clientX, edge.left, edge.width), share(event.clientY, edge.top, edge.height)];
}

function drag(event) {
  const to = at(event);
  const values = [Math.min(from[0], to[0]), Math.min(from[1], to[1]), Math.max(from[0], to[0]), Math.max(from[1], to[1])];
  fields().forEach((field, n) => { field.value = values[n]; });
  showBox();
}

if (count) {
  form.addEventListener("change", countChosen);
  countChosen();
}
if (blank) {
  blank.addEventListener("pointerdown", (event) => {
    event.preventDefault();
    blank.setPointerCapture(event.pointerId);
    from = at(event);
  });
  blank.addEventListener("pointermove", (event) => from && drag(event));
  blank.addEventListener("pointerup", () => {
    from = null;
    form.elements.box_left.dispatchEvent(new Event("change", { bubbles: true }));
  });
  form.addEventListener("change", shape);
  form.addEventListener("input", showBox);
  shape();
}
