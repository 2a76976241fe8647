/* Shows the options of the chosen file type alone. Those that are hidden are not sent;
   without this all are shown, and the server says which the type does not have. */
for (const options of document.querySelectorAll("[data-options-of]")) {
  const type = document.getElementById(options.dataset.optionsOf);
  const show = () => {
    for (const part of options.querySelectorAll("[data-for]")) {
      part.hidden = !part.dataset.for.split(" ").includes(type.value);
      for (const field of part.querySelectorAll("input, select")) field.disabled = part.hidden;
    }
  };
  type.addEventListener("change", show);
  show();
}
