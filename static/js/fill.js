/* The form of a template: every format is drawn again while one types, with what the
   checks found beside it. Counts characters, creatives and seconds. Without it the
   button "Show the previews again" draws, and the server says what is wrong. */
import { read } from "./answers.js";
import { addCounter } from "./counters.js";
import { showProblems } from "./problems.js";

const form = document.getElementById("fill");
const state = document.getElementById("preview-state");
const language = document.getElementById("locale");
const cost = document.getElementById("cost");
const button = document.getElementById("make");
const figures = [...form.querySelectorAll("[data-preview]")];
const WAIT_MS = 250;
const AT_ONCE = 2;
const MOST_BACK = 2000; // of an address that is quoted in another
let timer;
let running = new AbortController();

const plural = (n, word) => `${n} ${word}${n === 1 ? "" : "s"}`;
const chosen = (name) => [...form.querySelectorAll(`[name=${name}]:checked`)].map((box) => box.value);
const isChosen = (figure) => chosen("formats").includes(figure.dataset.format);

/* --- Version -------------------------------------------------------------------- */

form.querySelector("[data-version]")?.addEventListener("change", () => {
  form.requestSubmit(document.querySelector("button[name=look][value='1']"));
});

/* --- Previews ------------------------------------------------------------------- */

function content() {
  const data = new URLSearchParams();
  for (const [name, value] of new FormData(form)) {
    if (/^[ti]-|^uses_extensions$/.test(name) && value) data.append(name, value);
  }
  if (language) data.set("locale", language.value);
  return data;
}

async function draw(figure, data, signal) {
  const headers = { "X-CSRFToken": form.elements.csrfmiddlewaretoken.value };
  const answer = await fetch(figure.dataset.preview, { method: "POST", body: data, headers, signal });
  const told = await read(answer);
  figure.classList.toggle("is-old", !told.picture);
  figure.querySelector(".problem").textContent = told.field ? "" : told.problem ?? "";
  figure.drawn = told.picture ? data.toString() : null;
  if (!told.picture) return told;
  figure.querySelector("img").src = told.picture;
  figure.errors = told.errors;
  showFindings(figure, told);
  return told;
}

function showFindings(figure, { errors, warnings, findings }) {
  const details = figure.querySelector("details");
  const [summary, list] = details.children;
  const had = details.dataset.errors ?? "0";
  summary.textContent = [errors && plural(errors, "error"), warnings && plural(warnings, "warning")].filter(Boolean).join(", ");
  summary.classList.toggle("bad-text", errors > 0);
  const open = new Set([...list.querySelectorAll("[data-rule][open]")].map((one) => one.dataset.rule));
  list.innerHTML = findings; // written by our own server, values escaped there
  for (const one of list.querySelectorAll("[data-rule]")) one.open = open.has(one.dataset.rule);
  details.hidden = !errors && !warnings;
  if (errors && had === "0") details.open = true;
  details.dataset.errors = String(errors);
}

/** Draw the chosen formats that do not show what is filled in; the newest wish wins. */
async function drawAll() {
  running.abort();
  running = new AbortController();
  const { signal } = running;
  const data = content();
  const key = data.toString();
  const waiting = figures.filter((figure) => isChosen(figure) && figure.drawn !== key);
  state.textContent = waiting.length ? "Drawing" : "";
  const problems = new Map();
  const work = async () => {
    for (let figure = waiting.shift(); figure; figure = waiting.shift()) {
      const told = await draw(figure, data, signal);
      if (told.field) problems.set(told.field, told.problem);
    }
  };
  try {
    await Promise.all([tellCuts(signal), ...Array.from({ length: AT_ONCE }, work)]);
    state.textContent = "";
    const [first] = showProblems(form, problems);
    if (first) state.textContent = first;
    count();
  } catch (error) {
    if (error.name !== "AbortError") state.textContent = "The server can't be reached. What you typed is still here.";
  }
}

/* --- What formats cut off pictures ----------------------------------------------- */

/** Everything that is filled in, as the page takes it from an address. */
function filled() {
  const data = new URLSearchParams();
  for (const [name, value] of new FormData(form)) {
    if (!["csrfmiddlewaretoken", "image"].includes(name) && value) data.append(name, value);
  }
  return data;
}

/** Ask what is cut where pictures, formats or the language changed since. */
async function tellCuts(signal) {
  const data = filled();
  const key = [...data].filter(([name]) => /^i-|^(formats|locale|uses_extensions)$/.test(name)).join("\n");
  if (key === form.cutsFor) return;
  const headers = { "X-CSRFToken": form.elements.csrfmiddlewaretoken.value };
  const told = await read(await fetch(form.dataset.cutsUrl, { method: "POST", body: data, headers, signal }));
  if (!told.formats) return; // the previews say why
  form.cutsFor = key;
  for (const figure of figures) {
    figure.querySelector("[data-cuts]").innerHTML = told.formats[figure.dataset.format] ?? ""; // written by our own server
  }
  document.getElementById("shared-reach").innerHTML = told.shared;
}

form.addEventListener("click", (event) => {
  const link = event.target.closest("[data-extend]");
  if (link) { // one comes back to what is filled in by now
    const url = new URL(link.href);
    const data = filled();
    data.delete("locale");
    const back = `${location.pathname}?${data}`;
    link.target = back.length > MOST_BACK ? "_blank" : "";
    if (link.target) url.searchParams.delete("back");
    else url.searchParams.set("back", back);
    link.href = url;
  }
  if (event.target.closest("[data-use-extensions]")) {
    event.preventDefault();
    form.elements.uses_extensions.checked = true;
    form.elements.uses_extensions.focus({ preventScroll: true });
    drawAll();
  }
});

/* --- Counting ------------------------------------------------------------------- */

/** Say how many creatives will be made, how long it takes, and what errors mean. */
function count() {
  const formats = chosen("formats").length;
  const languages = language ? chosen("locales").length : 1;
  const total = formats * languages;
  for (const figure of figures) figure.classList.toggle("is-out", !isChosen(figure));
  button.querySelector("span").textContent = `Make ${plural(total, "creative")}`;
  button.disabled = total === 0;
  const seconds = Math.max(1, Math.round(total * Number(cost.dataset.seconds)));
  const wrong = figures.filter((figure) => isChosen(figure) && figure.errors).length;
  const sum = language ? `${plural(formats, "format")} × ${plural(languages, "language")}` : plural(formats, "format");
  cost.textContent = wrong
    ? `${plural(wrong, "format")} with errors: made, but not to be sent to review until mended.`
    : `${sum}, about ${seconds} s. You look at them next, then send them to review.`;
}

/** Say beside each language how many texts of its own it has. */
function countOwn() {
  for (const group of form.querySelectorAll("[data-language]")) {
    const own = [...group.querySelectorAll("input, textarea, select")].filter((field) => field.value.trim()).length;
    group.querySelector("[data-own]").textContent = own ? `${own} of its own` : "";
  }
}

/* -------------------------------------------------------------------------------- */

form.querySelector("[data-without-script]").hidden = true;
for (const field of form.querySelectorAll("[data-most]")) {
  addCounter(field, (words) => { state.textContent = words; });
}
form.addEventListener("input", ({ target }) => {
  if (["formats", "locales"].includes(target.name)) count();
  else countOwn();
  clearTimeout(timer);
  timer = setTimeout(drawAll, WAIT_MS);
});
form.addEventListener("focusin", ({ target }) => {
  const tag = target.closest?.("[data-language]")?.dataset.language;
  if (!tag || target.tagName === "SUMMARY" || tag === language.value) return;
  language.value = tag; // one sees the language that one writes
  drawAll();
});
count();
drawAll();
