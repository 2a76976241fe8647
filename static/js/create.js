/* Create: the contact sheet changes while one looks at it. It is fetched again every
   second while work runs, and at once when the jobs' stream tells of a change. Only what
   differs is replaced, so that focus, ticks and pictures stay. Without this module one
   reloads the page. */
import "./progress.js";

const AT_MOST_EVERY_MS = 300;
const EVERY_MS = 1000;
const sheet = document.getElementById("sheet");

const ticks = () => [...sheet.querySelectorAll("input[name=pick]")];

function words(seconds) {
  if (seconds < 90) return `${Math.max(1, Math.round(seconds))} s`;
  return `${Math.round(seconds / 60)} min`;
}

/** Say in the dock how many are picked, what that costs and what the button does. */
function countPicks() {
  const picked = ticks().filter((tick) => tick.checked).length;
  const button = sheet.querySelector("[data-finish]");
  if (!button) return;
  sheet.querySelector("[data-picked]").textContent = picked;
  button.querySelector("[data-noun]").textContent = picked === 1 ? "Finish 1 image" : picked ? `Finish ${picked} images` : "Finish picked images";
  button.disabled = picked === 0;
  const each = Number(sheet.dataset.finishS);
  sheet.querySelector("[data-cost]").textContent = picked && each
    ? `about ${words(each * picked)}; the others are kept`
    : picked ? "the others are kept and can be finished later"
    : "tick the sketches that are worth finishing";
}

async function load(picture) {
  if (!picture) return;
  const copy = new Image();
  copy.src = picture.src;
  await copy.decode().catch(() => {});
}

/** Replace a cell once its new picture is there, so that nothing flashes. */
async function replace(old, fresh) {
  await load(fresh.querySelector("img"));
  const tick = old.querySelector("input[name=pick]");
  const freshTick = fresh.querySelector("input[name=pick]");
  if (tick && freshTick) freshTick.checked = tick.checked;
  const focused = old.contains(document.activeElement);
  old.replaceWith(fresh);
  window.htmx?.process(fresh);
  if (focused) fresh.querySelector("input, button, a")?.focus();
}

async function update(fresh) {
  const grid = sheet.querySelector(".sheet-grid");
  const changes = [];
  let before = null;
  for (const cell of [...fresh.querySelectorAll(".cell")]) {
    const old = document.getElementById(cell.id);
    if (!old) {
      if (before) before.after(cell);
      else grid.prepend(cell);
      window.htmx?.process(cell);
      before = cell;
      continue;
    }
    before = old.dataset.version === cell.dataset.version ? old : cell;
    if (before === cell) changes.push(replace(old, cell));
    await Promise.all(changes.splice(0));
  }
  for (const id of ["sheet-head", "dock"]) {
    const [old, part] = [document.getElementById(id), fresh.querySelector(`#${id}`)];
    if (!old || !part || old.dataset.html === part.innerHTML) continue;
    if (old.contains(document.activeElement) && old.querySelectorAll("button").length === part.querySelectorAll("button").length) continue;
    old.dataset.html = part.innerHTML;
    old.replaceChildren(...part.childNodes);
  }
  sheet.toggleAttribute("data-running", fresh.hasAttribute("data-running"));
  if (fresh.dataset.finishS) sheet.dataset.finishS = fresh.dataset.finishS;
  countPicks();
}

let timer = 0;
let isAsking = false;
let isSoon = false;

function pollIn(ms) {
  clearTimeout(timer);
  timer = setTimeout(poll, ms);
}

async function poll() {
  if (isAsking || !sheet.hasAttribute("data-running")) return;
  isAsking = true;
  isSoon = false;
  if (!document.hidden) {
    try {
      const answer = await fetch(sheet.dataset.cells, { headers: { "X-Requested-With": "fetch" } });
      if (answer.redirected || answer.status === 404) return; // signed out, or gone
      if (answer.ok) {
        const page = new DOMParser().parseFromString(await answer.text(), "text/html");
        await update(page.getElementById("sheet"));
      }
    } catch { /* The server is away for a moment; the next turn asks again. */ }
  }
  isAsking = false;
  pollIn(EVERY_MS);
}

if (sheet) {
  sheet.addEventListener("change", countPicks);
  countPicks();
  document.addEventListener("job", () => {
    if (isSoon) return;
    isSoon = true;
    pollIn(AT_MOST_EVERY_MS);
  });
  pollIn(EVERY_MS);
}
