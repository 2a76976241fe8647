/* Compare: the slider moves the edge between two pictures; the box makes a difference
   stronger. Without this file the edge stays in the middle. */
const over = document.querySelector("[data-over]");
const at = over?.querySelector("[data-at]");
const strong = over?.querySelector("[data-strong]");

function move(percent) {
  at.value = percent;
  over.style.setProperty("--at", `${at.value}%`);
}

at?.addEventListener("input", () => move(at.value));
strong?.addEventListener("change", () => over.classList.toggle("strong", strong.checked));
if (at) {
  const both = over.querySelector(".both");
  const follow = (event) => {
    const box = both.getBoundingClientRect();
    move((100 * (event.clientX - box.left)) / box.width);
  };
  both.addEventListener("pointerdown", (event) => {
    event.preventDefault();
    both.setPointerCapture(event.pointerId);
    follow(event);
    both.addEventListener("pointermove", follow);
  });
  for (const end of ["pointerup", "pointercancel"]) {
    both.addEventListener(end, () => both.removeEventListener("pointermove", follow));
  }
  move(at.value);
}
