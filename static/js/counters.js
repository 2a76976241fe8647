/* Count the characters of fields that take only so many. */

/** Show beside a field how many it holds of how many; `say` is told once when too many. */
export function addCounter(field, say) {
  const most = Number(field.dataset.most);
  const counter = Object.assign(document.createElement("span"), { className: "push xs mut num", ariaHidden: "true" });
  field.closest(".field").querySelector(".label-row").append(counter);
  let wasLong = false;
  const tell = () => {
    const length = [...field.value.trim()].length;
    const isLong = length > most;
    counter.textContent = `${length} / ${most}`;
    counter.classList.toggle("bad-text", isLong);
    field.setAttribute("aria-invalid", String(isLong));
    if (isLong && !wasLong) say(`${field.labels[0].textContent.trim()} is too long`);
    wasLong = isLong;
  };
  field.addEventListener("input", tell);
  tell();
}
