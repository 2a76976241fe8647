/* Change an area: mark what should be made anew, by hand, finger or numbers. The mask
   has exactly the pixels of the picture; it goes with the form as a PNG. Without this
   module the rectangle's number fields do the same for one rectangle. */
const sheet = document.querySelector("[data-mask]");
const view = document.querySelector("[data-mask-view]");
const tools = document.querySelector("[data-mask-tools]");
const form = document.getElementById("edit");
const words = document.querySelector("[data-mask-words]");
const width = Number(sheet.dataset.width);
const height = Number(sheet.dataset.height);
const MOST_STEPS = 40;

const canvas = document.createElement("canvas");
canvas.width = width;
canvas.height = height;
canvas.setAttribute("aria-hidden", "true");
sheet.append(canvas);
const ring = document.createElement("span");
ring.className = "brush-ring";
ring.hidden = true;
sheet.append(ring);
const pen = canvas.getContext("2d", { willReadFrequently: true });
const { color } = getComputedStyle(sheet);
pen.lineCap = "round";
pen.lineJoin = "round";

let tool = "brush";
let undone = [];
let done = [pen.getImageData(0, 0, width, height)];
let from = null;

const size = () => Number(tools.querySelector("[data-size]").value);

function at(event) {
  const box = canvas.getBoundingClientRect();
  return { x: ((event.clientX - box.left) * width) / box.width, y: ((event.clientY - box.top) * height) / box.height };
}

function setInk() {
  pen.globalCompositeOperation = tool === "eraser" ? "destination-out" : "source-over";
  pen.strokeStyle = pen.fillStyle = color;
  pen.lineWidth = size();
}

/** Count the marked pixels, and say how much of the picture that is. */
function tell() {
  const { data } = pen.getImageData(0, 0, width, height);
  let marked = 0;
  for (let i = 3; i < data.length; i += 4) marked += data[i] > 127;
  const percent = (100 * marked) / (width * height);
  words.textContent = marked
    ? `${percent < 1 ? "Less than 1" : Math.round(percent)} % of the picture is marked.`
    : "Draw on the picture what should be made anew.";
  sheet.dataset.marked = marked;
  tools.querySelector("[data-act=undo]").disabled = done.length < 2;
  tools.querySelector("[data-act=redo]").disabled = undone.length === 0;
}

function keep() {
  done.push(pen.getImageData(0, 0, width, height));
  if (done.length > MOST_STEPS) done.shift();
  undone = [];
  tell();
}

function show(picture) {
  pen.putImageData(picture, 0, 0);
  tell();
}

canvas.addEventListener("pointerdown", (event) => {
  if (event.button) return;
  event.preventDefault();
  canvas.setPointerCapture(event.pointerId);
  from = at(event);
  setInk();
  if (tool === "rectangle") return;
  pen.beginPath();
  pen.arc(from.x, from.y, size() / 2, 0, 7);
  pen.fill();
});
canvas.addEventListener("pointermove", (event) => {
  const here = at(event);
  placeRing(event, here);
  if (!from) return;
  if (tool === "rectangle") {
    pen.putImageData(done.at(-1), 0, 0);
    setInk();
    pen.fillRect(from.x, from.y, here.x - from.x, here.y - from.y);
    return;
  }
  setInk();
  for (const part of event.getCoalescedEvents?.() ?? [event]) {
    const to = at(part);
    pen.beginPath();
    pen.moveTo(from.x, from.y);
    pen.lineTo(to.x, to.y);
    pen.stroke();
    from = to;
  }
});
for (const kind of ["pointerup", "pointercancel"]) {
  canvas.addEventListener(kind, () => {
    if (!from) return;
    from = null;
    keep();
  });
}
canvas.addEventListener("pointerleave", () => { ring.hidden = true; });

function placeRing(event, here) {
  ring.hidden = tool === "rectangle" || event.pointerType === "touch";
  const across = (size() / width) * canvas.clientWidth;
  ring.style.left = `${(100 * here.x) / width}%`;
  ring.style.top = `${(100 * here.y) / height}%`;
  ring.style.width = ring.style.height = `${across}px`;
}

const acts = {
  undo() {
    if (done.length < 2) return;
    undone.push(done.pop());
    show(done.at(-1));
  },
  redo() {
    if (!undone.length) return;
    done.push(undone.pop());
    show(done.at(-1));
  },
  invert() {
    const picture = pen.getImageData(0, 0, width, height);
    pen.globalCompositeOperation = "copy";
    pen.fillStyle = color;
    pen.fillRect(0, 0, width, height);
    const full = pen.getImageData(0, 0, width, height);
    for (let i = 3; i < full.data.length; i += 4) full.data[i] = picture.data[i] > 127 ? 0 : 255;
    pen.putImageData(full, 0, 0);
    keep();
  },
  clear() {
    pen.clearRect(0, 0, width, height);
    keep();
  },
  zoom(button) {
    const isFull = view.classList.toggle("full");
    button.setAttribute("aria-pressed", String(isFull));
  },
  "add-rectangle"() {
    const [left, top, wide, high] = ["left", "top", "width", "height"].map((name) => Number(form.elements[name].value) || 0);
    if (!wide || !high) return;
    pen.globalCompositeOperation = "source-over";
    pen.fillStyle = color;
    pen.fillRect(left, top, wide, high);
    keep();
  },
};

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-act], [data-tool]");
  if (!button) return;
  if (button.dataset.tool) {
    tool = button.dataset.tool;
    for (const each of tools.querySelectorAll("[data-tool]")) each.setAttribute("aria-pressed", String(each === button));
  } else {
    acts[button.dataset.act](button);
  }
});

/** Write the mask as white on black, one pixel for each of the picture. */
function write() {
  const copy = document.createElement("canvas");
  copy.width = width;
  copy.height = height;
  const ink = copy.getContext("2d");
  const picture = pen.getImageData(0, 0, width, height);
  for (let i = 0; i < picture.data.length; i += 4) {
    const white = picture.data[i + 3] > 127 ? 255 : 0;
    picture.data[i] = picture.data[i + 1] = picture.data[i + 2] = white;
    picture.data[i + 3] = 255;
  }
  ink.putImageData(picture, 0, 0);
  return copy.toDataURL("image/png");
}

form.addEventListener("submit", () => {
  form.elements.mask.value = Number(sheet.dataset.marked) ? write() : "";
});

/** Show again what was sent, where the page came back with something to mend. */
async function restore() {
  const sent = form.elements.mask.value;
  if (!sent) return tell();
  const picture = new Image();
  picture.src = sent;
  await picture.decode().catch(() => {});
  if (picture.naturalWidth !== width) return tell();
  pen.drawImage(picture, 0, 0);
  const drawn = pen.getImageData(0, 0, width, height);
  pen.globalCompositeOperation = "copy";
  pen.fillStyle = color;
  pen.fillRect(0, 0, width, height);
  const full = pen.getImageData(0, 0, width, height);
  for (let i = 0; i < full.data.length; i += 4) full.data[i + 3] = drawn.data[i] > 127 ? 255 : 0;
  pen.putImageData(full, 0, 0);
  keep();
}

tools.hidden = false;
words.hidden = false;
document.querySelector("[data-act=add-rectangle]").hidden = false;
restore();
