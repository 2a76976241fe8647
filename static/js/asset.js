/* One asset: the focal point is shown in the picture, and set by a click there. */
const figure = document.querySelector("[data-focal]");
const mark = figure?.querySelector(".focal-mark");
const form = document.querySelector("[data-focal-form]");

function place(x, y) {
  if (!mark) return;
  mark.hidden = false;
  mark.style.left = `${100 * x}%`;
  mark.style.top = `${100 * y}%`;
}

if (mark) place(Number(figure.dataset.x), Number(figure.dataset.y));
if (form && figure) {
  const [fieldX, fieldY] = [form.elements.x, form.elements.y];
  figure.classList.add("can-point");
  figure.querySelector("img").addEventListener("click", (event) => {
    const box = event.target.getBoundingClientRect();
    fieldX.value = Math.round((100 * (event.clientX - box.left)) / box.width);
    fieldY.value = Math.round((100 * (event.clientY - box.top)) / box.height);
    place(fieldX.value / 100, fieldY.value / 100);
  });
  form.addEventListener("input", () => place(fieldX.value / 100, fieldY.value / 100));
}
