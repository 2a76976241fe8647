/* Extend: the ground grows in the page as sides are chosen. */
const form = document.getElementById("edit");
const picture = document.querySelector("[data-extension]");
const words = document.querySelector("[data-extension-words]");
const width = Number(picture.dataset.width);
const height = Number(picture.dataset.height);
const NAMES = ["left", "top", "right", "bottom"];

function draw() {
  const [left, top, right, bottom] = NAMES.map((name) => Number(form.elements[name].value) || 0);
  const box = [-left, -top, width + left + right, height + top + bottom];
  picture.setAttribute("viewBox", box.join(" "));
  const ground = picture.querySelector("rect");
  ["x", "y", "width", "height"].forEach((name, n) => ground.setAttribute(name, box[n]));
  words.textContent = `${box[2]} × ${box[3]} px`;
}

form.addEventListener("change", draw);
form.addEventListener("click", (event) => {
  const chip = event.target.closest("a.chip");
  if (!chip) return;
  event.preventDefault();
  for (const name of NAMES) form.elements[name].value = chip.dataset[name];
  draw();
});
draw();
