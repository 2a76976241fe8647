/* Changes the colors in place; without this the same form posts and reloads. */
for (const form of document.querySelectorAll("[data-theme-form]")) {
  form.addEventListener("submit", (event) => {
    const button = event.submitter;
    if (button?.name !== "theme") return;
    event.preventDefault();
    if (button.value === "auto") delete document.documentElement.dataset.theme;
    else document.documentElement.dataset.theme = button.value;
    for (const one of form.querySelectorAll("[name=theme]")) {
      one.setAttribute("aria-pressed", String(one === button));
    }
    const body = new FormData(form, button);
    fetch(form.action, { method: "POST", body, redirect: "manual" });
  });
}
