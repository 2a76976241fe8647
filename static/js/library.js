/* Gallery: filters apply as they change, the dock counts what is selected. */
const filters = document.querySelector("[data-filters]");
document.body.dataset.scripted = "";
filters?.addEventListener("change", (event) => {
  if (event.target.matches("[type=checkbox], select")) filters.requestSubmit();
  if (event.target.matches("[type=date]") && event.target.validity.valid) filters.requestSubmit();
});
filters?.addEventListener("submit", () => {
  for (const field of filters.querySelectorAll("input, select")) field.disabled = !field.value;
});
addEventListener("pageshow", () => {
  for (const field of filters?.querySelectorAll("input, select") ?? []) field.disabled = false;
});

const facets = document.querySelector("[data-facets]");
if (facets && matchMedia("(max-width: 960px)").matches) facets.open = false;

const selection = document.querySelector("[data-selection]");
const count = selection?.querySelector("[data-count]");
let last = null;
function tell() {
  const number = selection.querySelectorAll(".pick:checked").length;
  if (count) count.textContent = `${number} selected`;
}
selection?.addEventListener("click", (event) => {
  if (!event.target.matches(".pick")) return;
  const picks = [...selection.querySelectorAll(".pick")];
  const here = picks.indexOf(event.target);
  if (event.shiftKey && last !== null) {
    const [from, to] = [Math.min(last, here), Math.max(last, here)];
    for (const pick of picks.slice(from, to + 1)) pick.checked = event.target.checked;
  }
  last = here;
  tell();
});
selection?.addEventListener("change", tell);
selection?.addEventListener("reset", () => setTimeout(tell));
if (selection) tell();
