/* A public form: the preview is drawn again while one types. Without it the button
   "Show the preview again" draws, and the server says what is wrong. */
import { read } from "./answers.js";
import { addCounter } from "./counters.js";
import { showProblems } from "./problems.js";

const form = document.getElementById("fill");
const figure = document.getElementById("look");
const findings = document.getElementById("findings");
const state = document.getElementById("state");
const take = document.getElementById("take");
const WAIT_MS = 350;
const BUSY_MS = 4000;
const ALT = "The picture with what you filled in";
let timer;
let running = new AbortController();

async function draw() {
  running.abort();
  running = new AbortController();
  state.textContent = "Drawing the preview";
  try {
    const answer = await fetch(form.dataset.look, { method: "POST", body: new URLSearchParams(new FormData(form)), signal: running.signal });
    show(await read(answer));
  } catch (error) {
    if (error.name !== "AbortError") state.textContent = "The server can't be reached. What you typed is still here.";
  }
}

function show(told) {
  figure.classList.toggle("is-old", !told.picture);
  const left = showProblems(form, told.problem ? [[told.field, told.problem]] : []);
  state.textContent = left.join(" ");
  findings.innerHTML = told.findings ?? ""; // written by our own server, values escaped there
  if (!told.picture) return;
  const image = new Image();
  image.alt = ALT;
  image.src = told.picture;
  figure.replaceChildren(image);
}

form.querySelector("[data-without-script]").hidden = true;
for (const field of form.querySelectorAll("[data-most]")) {
  addCounter(field, (words) => { state.textContent = words; });
}
form.addEventListener("input", () => {
  clearTimeout(timer);
  timer = setTimeout(draw, WAIT_MS);
});
form.addEventListener("submit", () => {
  // The file comes beside the page, which is not told when; a second click waits.
  state.textContent = "Drawing your picture. The download begins by itself.";
  setTimeout(() => { take.disabled = true; });
  setTimeout(() => { take.disabled = false; state.textContent = ""; }, BUSY_MS);
});
window.addEventListener("pageshow", () => { take.disabled = false; });
