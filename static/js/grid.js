/* The grid of a batch: thousands of cells, of which only those near the view exist.

   The page comes with its first cells. Here they become pages of some rows each, placed at
   their height, fetched as one scrolls there and removed again far from it. Choices are
   kept by id, so that they outlive the cells. Without this the pager does the same. */
const grid = document.getElementById("grid");
const form = document.getElementById("grid-form");
const ROWS_A_PAGE = 6;
const KEEP_PAGES = 3;
const SETTLE_MS = 60;
const picked = new Set();
const pages = new Map();
const layout = { columns: 1, rowPx: 0, gapPx: 0, pageSize: 6, pagePx: 0 };
let total = Number(grid?.dataset.total ?? 0);
let focused = -1;
let timer = 0;
let lastPick = -1;

for (const one of document.querySelectorAll("[data-without-script]")) one.hidden = true;

function measure() {
  const style = getComputedStyle(grid);
  layout.rowPx = parseFloat(style.getPropertyValue("--row"));
  layout.gapPx = parseFloat(style.getPropertyValue("--gap"));
  const cellPx = Math.min(parseFloat(style.getPropertyValue("--cell")), grid.clientWidth * 0.45);
  layout.columns = Math.max(1, Math.floor((grid.clientWidth + layout.gapPx) / (cellPx + layout.gapPx)));
  layout.pageSize = layout.columns * ROWS_A_PAGE;
  layout.pagePx = ROWS_A_PAGE * (layout.rowPx + layout.gapPx);
  const rows = Math.ceil(total / layout.columns);
  grid.style.height = `${Math.max(0, rows * (layout.rowPx + layout.gapPx) - layout.gapPx)}px`;
}

function build(number) {
  const list = document.createElement("ol");
  list.className = "grid-page";
  list.start = number * layout.pageSize + 1;
  list.style.transform = `translateY(${number * layout.pagePx}px)`;
  list.style.gridTemplateColumns = `repeat(${layout.columns}, minmax(0, 1fr))`;
  const count = Math.min(layout.pageSize, total - number * layout.pageSize);
  for (let at = 0; at < count; at += 1) {
    const blank = document.createElement("li");
    blank.className = "blank";
    blank.ariaHidden = "true";
    list.append(blank);
  }
  grid.append(list);
  const page = { list, loaded: false, fetching: null };
  pages.set(number, page);
  return page;
}

function dress(list) {
  for (const box of list.querySelectorAll("[name=creative]")) box.checked = picked.has(box.value);
  for (const shot of list.querySelectorAll(".shot")) shot.tabIndex = -1;
}

async function load(number) {
  const page = pages.get(number);
  if (!page || page.loaded || page.fetching) return;
  page.fetching = new AbortController();
  const query = new URLSearchParams(grid.dataset.query);
  query.set("start", number * layout.pageSize);
  query.set("count", layout.pageSize);
  try {
    const answer = await fetch(`${grid.dataset.url}?${query}`, { signal: page.fetching.signal });
    if (!answer.ok || answer.redirected) throw new Error(String(answer.status));
    page.list.innerHTML = await answer.text();
    page.loaded = true;
    dress(page.list);
    if (Math.floor(focused / layout.pageSize) === number) shotAt(focused)?.focus({ preventScroll: true });
    rove();
  } catch (error) {
    if (error.name !== "AbortError") setTimeout(() => load(number), 3000);
  } finally {
    page.fetching = null;
  }
}

function visible() {
  const top = -grid.getBoundingClientRect().top;
  const last = Math.max(0, Math.ceil(total / layout.pageSize) - 1);
  const clamp = (number) => Math.min(last, Math.max(0, number));
  return [clamp(Math.floor(top / layout.pagePx)), clamp(Math.floor((top + innerHeight) / layout.pagePx))];
}

function place() {
  const [from, to] = visible();
  for (let number = Math.max(0, from - 1); number <= to + 1 && number * layout.pageSize < total; number += 1) {
    if (!pages.has(number)) build(number);
  }
  for (const [number, page] of pages) {
    if (number >= from - KEEP_PAGES && number <= to + KEEP_PAGES) continue;
    page.fetching?.abort();
    page.list.remove();
    pages.delete(number);
  }
  // Only where one stops: whoever drags past a thousand cells asks for none of them.
  clearTimeout(timer);
  timer = setTimeout(() => {
    const [first, last] = visible();
    for (let number = first; number <= last; number += 1) load(number);
    load(last + 1);
    load(first - 1);
  }, SETTLE_MS);
}

function rebuild() {
  for (const page of pages.values()) { page.fetching?.abort(); page.list.remove(); }
  pages.clear();
  measure();
  place();
}

function refresh() {
  for (const [number, page] of pages) {
    page.loaded = false;
    load(number);
  }
}

/* --- Keys --------------------------------------------------------------------------- */
function shotAt(index) {
  const page = pages.get(Math.floor(index / layout.pageSize));
  return page?.list.children[index % layout.pageSize]?.querySelector(".shot");
}

function rove() {
  for (const shot of grid.querySelectorAll(".shot[tabindex='0']")) shot.tabIndex = -1;
  const shot = (focused >= 0 && shotAt(focused)) || grid.querySelector(".shot");
  if (shot) shot.tabIndex = 0;
}

function indexOf(element) {
  const item = element.closest("li");
  return item ? Number(item.ariaPosInSet) - 1 : -1;
}

function walk(to) {
  focused = Math.min(total - 1, Math.max(0, to));
  const top = grid.getBoundingClientRect().top + scrollY + Math.floor(focused / layout.columns) * (layout.rowPx + layout.gapPx);
  const margin = 120;
  if (top < scrollY + margin) scrollTo({ top: top - margin });
  else if (top + layout.rowPx > scrollY + innerHeight - margin) scrollTo({ top: top + layout.rowPx - innerHeight + margin });
  place();
  rove();
  shotAt(focused)?.focus({ preventScroll: true });
}

function onKey(event) {
  if (!event.target.matches(".shot") || event.altKey || event.ctrlKey || event.metaKey) return;
  const here = indexOf(event.target);
  const screen = layout.columns * Math.max(1, Math.floor(innerHeight / (layout.rowPx + layout.gapPx)) - 1);
  const steps = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: layout.columns, ArrowUp: -layout.columns, PageDown: screen, PageUp: -screen };
  if (event.key in steps) walk(here + steps[event.key]);
  else if (event.key === "Home") walk(0);
  else if (event.key === "End") walk(total - 1);
  else if (event.key === " " || event.key === "x") event.target.parentElement.querySelector("[name=creative]")?.click();
  else return;
  event.preventDefault();
}

/* --- Choices ------------------------------------------------------------------------ */
function tell() {
  const words = document.querySelector("[data-picked]");
  if (words) {
    words.hidden = picked.size === 0;
    words.textContent = `${picked.size.toLocaleString()} chosen`;
  }
  grid.classList.toggle("is-picking", picked.size > 0);
  for (const button of form.querySelectorAll("[formaction]")) button.hidden = picked.size === 0;
  const sendable = Number(document.getElementById("progress").dataset.sendable);
  const [some, all] = ["[data-send-picked]", "[data-send-all]"].map((name) => form.querySelector(name));
  if (!some) return;
  some.hidden = picked.size === 0;
  some.classList.add("primary");
  some.querySelector("span").textContent = `Send ${picked.size.toLocaleString()} chosen to review`;
  all.hidden = picked.size > 0 || sendable === 0;
  all.querySelector("span").textContent = `Send ${sendable.toLocaleString()} to review`;
}

function pick(box, isOn) {
  if (isOn) picked.add(box.value);
  else picked.delete(box.value);
  box.checked = isOn;
}

function onPick(event) {
  if (event.target.name !== "creative") return;
  const here = indexOf(event.target);
  if (event.shiftKey && lastPick >= 0) {
    const [from, to] = [Math.min(lastPick, here), Math.max(lastPick, here)];
    for (const box of grid.querySelectorAll("[name=creative]")) {
      const index = indexOf(box);
      if (index >= from && index <= to) pick(box, event.target.checked);
    }
  }
  pick(event.target, event.target.checked);
  lastPick = here;
  tell();
}

function onSubmit(event) {
  // One field for all: cells that were chosen may be out of the page by now.
  for (const box of grid.querySelectorAll("[name=creative]")) box.disabled = true;
  if (event.submitter?.name === "all") return;
  const field = document.createElement("input");
  field.type = "hidden";
  field.name = "creative";
  field.value = [...picked].join(",");
  form.append(field);
}

/* --- One creative large ------------------------------------------------------------- */
const look = document.getElementById("look");

async function open(index) {
  const shot = shotAt(index);
  if (!shot) { walk(index); setTimeout(() => shotAt(index) && open(index), 400); return; }
  focused = index;
  const answer = await fetch(`${shot.href}?part=1`);
  if (!answer.ok || answer.redirected) { location.href = shot.href; return; }
  const head = `<div class="dialog-head"><span class="sm mut num nowrap">${index + 1} of ${total.toLocaleString()}</span><span class="push row"><button class="btn small" type="button" data-step="-1" data-key="ArrowLeft k">Back<kbd>←</kbd></button><button class="btn small" type="button" data-step="1" data-key="ArrowRight j">Next<kbd>→</kbd></button><button class="btn small quiet" type="button" data-close autofocus>Close<kbd>Esc</kbd></button></span></div>`;
  look.innerHTML = head + await answer.text();
  look.dataset.index = index;
  if (!look.open) look.showModal();
}

function onLook(event) {
  const button = event.target.closest("button");
  if (!button) return;
  if ("close" in button.dataset) look.close();
  if (button.dataset.step) {
    const to = Number(look.dataset.index) + Number(button.dataset.step);
    if (to >= 0 && to < total) { walk(to); open(to); }
  }
}

if (grid) {
  const first = Number(grid.dataset.start);
  grid.replaceChildren();
  grid.classList.add("is-live");
  grid.role = "group";
  grid.ariaLabel = "Creatives";
  rebuild();
  if (first) walk(first);
  addEventListener("scroll", place, { passive: true });
  let width = grid.clientWidth;
  new ResizeObserver(() => {
    if (grid.clientWidth === width) return;
    const index = visible()[0] * layout.pageSize;
    width = grid.clientWidth;
    rebuild();
    if (index) walk(index);
  }).observe(grid);
  grid.addEventListener("keydown", onKey);
  grid.addEventListener("focusin", (event) => { if (event.target.matches(".shot")) { focused = indexOf(event.target); rove(); } });
  grid.addEventListener("click", (event) => {
    const shot = event.target.closest(".shot");
    if (event.target.name === "creative") onPick(event);
    if (!shot || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    open(indexOf(shot));
  });
  look.addEventListener("click", onLook);
  look.addEventListener("close", () => shotAt(focused)?.focus());
  form.addEventListener("submit", onSubmit);
  tell();
}

document.getElementById("sift")?.addEventListener("change", (event) => event.currentTarget.requestSubmit());
document.getElementById("sift")?.addEventListener("submit", (event) => {
  for (const field of event.currentTarget.querySelectorAll("input, select")) field.disabled = !field.value;
});
addEventListener("pageshow", () => {
  for (const field of document.querySelectorAll("#sift :disabled, #grid-form [name=creative]:disabled")) field.disabled = false;
});
let done = document.getElementById("progress")?.dataset.done;
document.addEventListener("htmx:afterSettle", () => {
  const progress = document.getElementById("progress");
  if (!grid || !progress || progress.dataset.done === done) return;
  tell();
  done = progress.dataset.done;
  if (Number(progress.dataset.total) !== total) {
    total = Number(progress.dataset.total);
    rebuild();
  } else refresh();
});
