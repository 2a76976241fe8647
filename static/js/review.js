/* Review at the speed of keys: answers and steps are fetched and put in place, so focus,
   zoom and scrolling stay. The forms and links are plain ones; without this file each
   loads a page. What the server says is what is shown, never a guess. */
const page = document.querySelector("[data-review]");
const result = document.getElementById("result");
let isFull = document.querySelector("[data-view]")?.classList.contains("full") ?? false;

function say(text, isBad = false) {
  const line = document.createElement("span");
  line.textContent = text;
  if (isBad) line.className = "error";
  result.replaceChildren(line);
}

function preload(from) {
  const next = from.querySelector("[data-preload]")?.dataset.src;
  if (next) new Image().src = next;
}

function zoom(full) {
  isFull = full;
  document.querySelector("[data-view]")?.classList.toggle("full", full);
  for (const chip of document.querySelectorAll("[data-zoom]")) {
    if ((chip.dataset.zoom === "full") === full) chip.setAttribute("aria-current", "true");
    else chip.removeAttribute("aria-current");
  }
}

/** Put a fetched page in place of this one; false if it is another kind of page. */
function show(text, address, isBack) {
  const fresh = new DOMParser().parseFromString(text, "text/html");
  if (!fresh.querySelector("[data-review]")) return false;
  const focus = document.activeElement;
  const isInPart = Boolean(focus?.closest("[data-part]"));
  const strip = page.querySelector(".film").scrollTop;
  for (const part of document.querySelectorAll("[data-part]")) {
    const twin = fresh.querySelector(`[data-part="${part.dataset.part}"]`);
    part.replaceChildren(...(twin?.childNodes ?? []));
    if (part.dataset.part === "view" && twin) part.ariaLabel = twin.getAttribute("aria-label");
  }
  const menu = document.querySelector(".side .nav");
  menu?.replaceWith(fresh.querySelector(".side .nav") ?? menu);
  document.title = fresh.title;
  result.replaceChildren(...(fresh.getElementById("result")?.childNodes ?? []));
  if (!isBack) history.pushState({ isReview: true }, "", address);
  page.querySelector(".film").scrollTop = strip;
  page.querySelector(".film [aria-current]")?.scrollIntoView({ block: "nearest", inline: "nearest" });
  zoom(isFull);
  if (isInPart && !focus.isConnected) {
    const twin = focus.id && document.getElementById(focus.id);
    (twin || document.querySelector("[data-view]")).focus({ preventScroll: true });
  }
  openAsked();
  preload(fresh);
  return true;
}

async function fetchPage(address, { body, isBack = false } = {}) {
  if (page.classList.contains("busy")) return;
  page.classList.add("busy");
  try {
    const answer = await fetch(address, { method: body ? "POST" : "GET", body, headers: { Accept: "text/html" } });
    const text = await answer.text();
    for (const dialog of document.querySelectorAll("dialog[open]")) dialog.close();
    if (answer.status >= 500 || answer.status === 403) {
      say(`The server could not record that (${answer.status}). Reload the page and try again.`, true);
    } else if (!show(text, answer.url, isBack)) {
      location.assign(answer.url);
    }
  } catch {
    say("The server can’t be reached. Nothing was recorded; try again.", true);
  } finally {
    page.classList.remove("busy");
  }
}

function openAsked() {
  const asked = document.querySelector("dialog[data-open]");
  if (!asked || asked.matches(":modal")) return;
  asked.close();
  asked.showModal();
}

document.addEventListener("submit", (event) => {
  const form = event.target.closest("form[data-send]");
  if (!form) return;
  event.preventDefault();
  fetchPage(form.action, { body: new URLSearchParams(new FormData(form)) });
});

document.addEventListener("click", (event) => {
  if (event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
  const link = event.target.closest("a[data-step], a[data-ask], a[data-close], a[data-zoom]");
  if (!link) return;
  event.preventDefault();
  if (link.matches("[data-step]")) fetchPage(link.href);
  else if (link.matches("[data-zoom]")) zoom(link.dataset.zoom === "full");
  else if (link.matches("[data-close]")) link.closest("dialog").close();
  else document.getElementById(link.dataset.ask).showModal();
});

document.addEventListener("dblclick", (event) => {
  if (event.target.matches("[data-view] img")) zoom(!isFull);
});
addEventListener("popstate", () => fetchPage(location.href, { isBack: true }));
openAsked();
preload(document);
