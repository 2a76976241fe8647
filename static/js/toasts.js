/* Short notes in the corner: toast("Saved") or an HX-Trigger header {"toast": "Saved"}. */
const place = document.getElementById("toasts");
const STAYS_MS = 7000;

function settle(note, stays) {
  const close = note.querySelector("[data-toast-close]");
  close.hidden = false;
  close.addEventListener("click", () => note.remove());
  if (stays) return;
  let timer = setTimeout(() => note.remove(), STAYS_MS);
  note.addEventListener("pointerenter", () => clearTimeout(timer));
  note.addEventListener("pointerleave", () => {
    timer = setTimeout(() => note.remove(), STAYS_MS);
  });
}

/** Show a note; errors stay until they are closed. */
export function toast(text, { isError = false } = {}) {
  const shape = document.getElementById("toast-shape");
  const note = shape.content.firstElementChild.cloneNode(true);
  note.querySelector("p").textContent = text;
  note.firstElementChild.className = isError ? "tone-bad" : "tone-ok";
  if (isError) {
    const use = note.querySelector("use");
    use.setAttribute("href", use.getAttribute("href").replace("#check", "#bad"));
  }
  place.append(note);
  settle(note, isError);
  return note;
}

for (const note of place.querySelectorAll(".toast")) {
  settle(note, ["error", "warning"].includes(note.dataset.toast));
}
document.body.addEventListener("toast", (event) => {
  const detail = event.detail ?? {};
  toast(detail.value ?? detail.text ?? "", { isError: Boolean(detail.isError) });
});
document.body.addEventListener("htmx:sendError", () => {
  toast("The server can't be reached. Nothing was lost; try again.", { isError: true });
});
document.body.addEventListener("htmx:responseError", (event) => {
  const status = event.detail.xhr.status;
  if (event.detail.elt.id === "running") return;
  toast(`The server refused that (${status}). Reload the page and try again.`, { isError: true });
});
