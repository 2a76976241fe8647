/* Remove the background: marks are drawn on the picture, and what is left is shown
   beside it, found anew by the server after each. Without this module a box by numbers
   and the undo button do the same with a page each. */
const form = document.getElementById("cutout");
const sheet = form.querySelector("[data-sheet]");
const picture = sheet.querySelector("img");
const result = form.querySelector("[data-result]");
const ground = form.querySelector("[data-ground]");
const words = form.querySelector("[data-words]");
const tools = form.querySelector("[data-tools]");
const size = tools.querySelector("[data-size]");
const undo = form.querySelector("[value=undo]");
const clear = form.querySelector("[data-clear]");
const WAIT_MS = 250;

let marks = JSON.parse(form.elements.marks.value || "[]");
let tool = "keep";
let drawing = null;
let timer = 0;
let asking = null;

const canvas = document.createElement("canvas");
canvas.width = 960;
canvas.height = Math.max(1, Math.round((960 * picture.height) / picture.width) || 960);
canvas.setAttribute("aria-hidden", "true");
sheet.append(canvas);
const pen = canvas.getContext("2d");

function fit() {
  canvas.height = Math.max(1, Math.round((canvas.width * picture.clientHeight) / picture.clientWidth));
  draw();
}

function draw() {
  const style = getComputedStyle(sheet);
  pen.clearRect(0, 0, canvas.width, canvas.height);
  pen.lineCap = pen.lineJoin = "round";
  for (const mark of drawing ? [...marks, drawing] : marks) {
    const points = mark.points.map(([x, y]) => [x * canvas.width, y * canvas.height]);
    pen.strokeStyle = pen.fillStyle = style.getPropertyValue(`--${mark.effect}`);
    pen.globalAlpha = mark.effect === "within" ? 1 : 0.6;
    if (mark.shape === "box") {
      const [[left, top], [right, bottom]] = points;
      pen.lineWidth = 4;
      if (mark.effect === "within") pen.strokeRect(left, top, right - left, bottom - top);
      else pen.fillRect(left, top, right - left, bottom - top);
      continue;
    }
    pen.beginPath();
    pen.moveTo(...points[0]);
    for (const point of points.length > 1 ? points.slice(1) : points) pen.lineTo(...point);
    // A light rim, so that a mark is seen on a picture of its own color.
    const wide = mark.width * Math.max(canvas.width, canvas.height);
    for (const [color, width] of [[style.getPropertyValue("--on-picture"), wide + 6], [pen.strokeStyle, wide]]) {
      pen.strokeStyle = color;
      pen.lineWidth = width;
      pen.stroke();
    }
  }
  pen.globalAlpha = 1;
}

/** Keep the marks in the form, show them, and ask for the picture that they make. */
function change() {
  form.elements.marks.value = JSON.stringify(marks);
  undo.disabled = clear.disabled = !marks.length;
  draw();
  clearTimeout(timer);
  timer = setTimeout(ask, WAIT_MS);
}

async function ask() {
  asking?.abort();
  asking = new AbortController();
  ground.classList.add("busy");
  words.textContent = "Looking…";
  const body = new FormData();
  body.append("marks", form.elements.marks.value);
  const headers = { "X-CSRFToken": form.elements.csrfmiddlewaretoken.value };
  try {
    const answer = await fetch(form.dataset.preview, { method: "POST", headers, body, signal: asking.signal });
    if (answer.ok) {
      const url = URL.createObjectURL(await answer.blob());
      URL.revokeObjectURL(result.src);
      result.src = url;
      result.hidden = false;
      words.textContent = marks.length ? `${marks.length} mark${marks.length === 1 ? "" : "s"}` : "Found without a mark";
    } else {
      result.hidden = true;
      words.textContent = answer.status < 500 ? await answer.text() : "No preview now. Try again in a moment.";
    }
  } catch (error) {
    if (error.name === "AbortError") return;
    words.textContent = "No preview now: the server does not answer.";
  }
  ground.classList.remove("busy");
}

function at(event) {
  const box = canvas.getBoundingClientRect();
  const inside = (value) => Math.round(Math.min(1, Math.max(0, value)) * 1e4) / 1e4;
  return [inside((event.clientX - box.left) / box.width), inside((event.clientY - box.top) / box.height)];
}

canvas.addEventListener("pointerdown", (event) => {
  if (event.button) return;
  event.preventDefault();
  canvas.setPointerCapture(event.pointerId);
  const point = at(event);
  const isBox = tool === "within";
  drawing = { effect: tool, shape: isBox ? "box" : "stroke", points: isBox ? [point, point] : [point], width: Number(size.value) / 100 };
  draw();
});
canvas.addEventListener("pointermove", (event) => {
  if (!drawing) return;
  const point = at(event);
  if (drawing.shape === "box") drawing.points[1] = point;
  else {
    const last = drawing.points.at(-1);
    if (Math.hypot(point[0] - last[0], point[1] - last[1]) > 0.004) drawing.points.push(point);
  }
  draw();
});
for (const kind of ["pointerup", "pointercancel"]) {
  canvas.addEventListener(kind, () => {
    if (!drawing) return;
    const mark = drawing;
    drawing = null;
    const [one, other] = mark.points;
    const isEmpty = mark.shape === "box" && (one[0] === other[0] || one[1] === other[1]);
    if (kind === "pointercancel" || isEmpty) return draw();
    // One box bounds the subject: a new one replaces the last.
    if (mark.effect === "within") marks = marks.filter((each) => each.effect !== "within");
    marks.push(mark);
    change();
  });
}

form.addEventListener("click", (event) => {
  const button = event.target.closest("button");
  if (button?.dataset.tool) {
    tool = button.dataset.tool;
    for (const each of tools.querySelectorAll("[data-tool]")) each.setAttribute("aria-pressed", String(each === button));
  } else if (button?.dataset.on) {
    ground.className = `cut-ground ${button.dataset.on}`;
    for (const each of form.querySelectorAll("[data-on]")) each.setAttribute("aria-pressed", String(each === button));
  } else if (button === undo) {
    event.preventDefault();
    marks.pop();
    change();
  } else if (button === clear) {
    marks = [];
    change();
  }
});

tools.hidden = clear.hidden = form.querySelector("[data-grounds]").hidden = false;
new ResizeObserver(fit).observe(picture);
change();
