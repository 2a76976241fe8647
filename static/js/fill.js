/* Draws the previews again while one types, and says how many files will be made.
   Without it the button "Show the previews again" does the same. */
const form = document.getElementById("fill");
const state = document.getElementById("preview-state");
const WAIT_MS = 350;
let timer;
let running = new AbortController();

function query() {
  const data = new URLSearchParams();
  for (const [name, value] of new FormData(form)) {
    if ((name.startsWith("t-") || name.startsWith("i-")) && value) data.append(name, value);
  }
  return data;
}

async function draw(figure, signal) {
  const image = figure.querySelector("img");
  const problem = figure.querySelector(".problem");
  const answer = await fetch(`${figure.dataset.preview}?${query()}`, { signal });
  if (answer.ok) {
    const url = URL.createObjectURL(await answer.blob());
    const before = image.src;
    image.src = url;
    if (before.startsWith("blob:")) URL.revokeObjectURL(before);
    problem.textContent = "";
  } else if (answer.status === 422) {
    problem.textContent = await answer.text();
  } else {
    problem.textContent = `The preview can't be drawn (${answer.status}).`;
  }
  figure.classList.toggle("is-old", !answer.ok);
}

async function drawAll() {
  running.abort();
  running = new AbortController();
  const { signal } = running;
  state.textContent = "Drawing";
  const figures = [...form.querySelectorAll("[data-preview]")];
  try {
    await Promise.all(figures.map((figure) => draw(figure, signal)));
    state.textContent = "";
  } catch (error) {
    if (error.name === "AbortError") return;
    state.textContent = "The server can't be reached. What you typed is still here.";
  }
}

function countFormats() {
  const boxes = [...form.querySelectorAll("[name=formats]")];
  const chosen = new Set(boxes.filter((box) => box.checked).map((box) => box.value));
  for (const figure of form.querySelectorAll("[data-format]")) {
    figure.classList.toggle("is-out", !chosen.has(figure.dataset.format));
  }
  const button = document.getElementById("make");
  const words = chosen.size === 1 ? "creative" : "creatives";
  button.querySelector("span").textContent = `Make ${chosen.size} ${words}`;
  button.disabled = chosen.size === 0;
}

form.querySelector("[data-without-script]").hidden = true;
form.addEventListener("input", (event) => {
  if (event.target.name === "formats") countFormats();
  if (!/^[ti]-/.test(event.target.name)) return;
  clearTimeout(timer);
  timer = setTimeout(drawAll, WAIT_MS);
});
countFormats();
