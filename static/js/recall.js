/* Recall: takes what a picture was asked with into the form, field by field, and can put
   back what stood there. Nothing that one typed is lost before one says so. */
const form = document.querySelector("form.ask");
const before = new Map();

function read(name) {
  const field = form.elements.namedItem(name);
  return field instanceof RadioNodeList ? field.value : field?.value ?? "";
}

function write(name, value) {
  const field = form.elements.namedItem(name);
  if (!field) return;
  if (field instanceof HTMLSelectElement && ![...field.options].some((one) => one.value === value)) {
    field.add(new Option(value.replace("x", " × "), value));
  }
  if (field instanceof RadioNodeList) for (const one of field) one.checked = one.value === value;
  else field.value = value;
  (field instanceof RadioNodeList ? field[0] : field).closest("details")?.setAttribute("open", "");
  form.dispatchEvent(new Event("change", { bubbles: true }));
}

function show(item) {
  const link = item.querySelector("[data-take]");
  link.textContent = before.has(item.dataset.field) ? "Put back" : "Take";
}

function take(item) {
  const { field, value } = item.dataset;
  if (before.has(field)) {
    write(field, before.get(field));
    before.delete(field);
  } else {
    before.set(field, read(field));
    write(field, value);
  }
  show(item);
}

function say(panel, words) {
  panel.querySelector("[data-said]").textContent = words;
}

document.addEventListener("click", (event) => {
  const panel = event.target.closest("[data-recall]");
  const link = event.target.closest("[data-take], [data-take-all], [data-recall-close]");
  if (!panel || !link || !form || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  if (link.matches("[data-recall-close]")) {
    panel.remove();
    before.clear();
    form.querySelector("input:not([type=hidden]), textarea, select")?.focus();
  } else if (link.matches("[data-take]")) {
    take(link.closest("[data-field]"));
    say(panel, before.size ? "What stood there can be put back." : "");
  } else {
    for (const item of panel.querySelectorAll("[data-field]")) {
      if (!before.has(item.dataset.field)) take(item);
    }
    say(panel, "Taken. Each can be put back.");
  }
});

document.addEventListener("htmx:afterSwap", (event) => {
  if (event.target.id !== "recall") return;
  before.clear();
  document.getElementById("recall-title")?.focus();
});
