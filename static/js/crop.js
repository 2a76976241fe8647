/* What a crop keeps, in these creatives only: a point on the chosen picture that is dragged
   or moved by the arrow keys. Without this module the two number fields do the same. */
const STEP = 1;
const LEAP = 10; // with Shift
const MOVES = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

const inside = (value) => Math.min(100, Math.max(0, Math.round(value)));

function watch(box) {
  const [stage, mark, said, reset] = ["stage", "mark", "said", "reset"].map((name) => box.querySelector(`[data-crop-${name}]`));
  const photos = box.closest("fieldset");
  const image = stage.querySelector("img");
  const fields = [...box.querySelectorAll("input")];
  const chosen = () => photos.querySelector("input[type=radio]:checked");
  const own = () => chosen().dataset.focal.split(" ").map((share) => inside(100 * share));
  const point = () => own().map((value, axis) => (fields[axis].value === "" ? value : inside(Number(fields[axis].value))));

  function show() {
    const radio = chosen();
    box.hidden = !radio;
    if (!radio) return;
    const thumb = radio.parentElement.querySelector("img");
    if (image.src !== thumb.src) Object.assign(image, { src: thumb.src, alt: thumb.alt });
    const [x, y] = point();
    const where = `${x} % from the left, ${y} % from the top`;
    const isOwn = fields.every((field) => field.value === "");
    Object.assign(mark.style, { left: `${x}%`, top: `${y}%` });
    mark.setAttribute("aria-label", `Point that the crop keeps: ${where}`);
    fields.forEach((field, axis) => { field.placeholder = own()[axis]; });
    reset.hidden = isOwn;
    said.textContent = isOwn ? "the picture’s own point" : where;
  }

  function put(values) {
    fields.forEach((field, axis) => { field.value = values?.[axis] ?? ""; });
    fields[0].dispatchEvent(new Event("input", { bubbles: true }));
  }

  function follow({ clientX, clientY }) {
    const { left, top, width, height } = image.getBoundingClientRect();
    put([inside((100 * (clientX - left)) / width), inside((100 * (clientY - top)) / height)]);
  }

  stage.hidden = false;
  stage.addEventListener("pointerdown", (event) => {
    if (event.button !== 0) return;
    event.preventDefault();
    mark.focus({ preventScroll: true });
    stage.setPointerCapture(event.pointerId);
    follow(event);
  });
  stage.addEventListener("pointermove", (event) => { if (stage.hasPointerCapture(event.pointerId)) follow(event); });
  mark.addEventListener("keydown", (event) => {
    const move = MOVES[event.key];
    if (!move || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    const far = event.shiftKey ? LEAP : STEP;
    put(point().map((value, axis) => inside(value + far * move[axis])));
  });
  reset.addEventListener("click", () => { put(null); mark.focus(); });
  photos.addEventListener("input", ({ target }) => {
    if (target.type === "radio") for (const field of fields) field.value = ""; // the point was another picture's
    show();
  });
  show();
}

for (const box of document.querySelectorAll("[data-crop]")) watch(box);
