/* Upload: drop a picture anywhere on the box, see it, and learn before sending that it
   is too large. */
const form = document.querySelector("[data-upload]");
const drop = form.querySelector("[data-drop]");
const input = drop.querySelector("input[type=file]");
const chosen = drop.querySelector("[data-chosen]");
const problem = drop.querySelector("[data-problem]");
const send = form.querySelector("[data-send]");
let address = null;

function look() {
  const file = input.files[0];
  const most = Number(form.dataset.maxBytes);
  const isTooLarge = Boolean(file) && file.size > most;
  chosen.hidden = !file;
  problem.hidden = !isTooLarge;
  send.disabled = isTooLarge;
  if (address) URL.revokeObjectURL(address);
  address = null;
  if (!file) return;
  const megabytes = (file.size / 2 ** 20).toFixed(1);
  drop.querySelector("[data-name]").textContent = `${file.name}, ${megabytes} MB`;
  if (isTooLarge) {
    problem.textContent = `The file has ${megabytes} MB; ${most / 2 ** 20} MB are allowed. `
      + "Make it smaller, or choose another.";
    return;
  }
  address = URL.createObjectURL(file);
  drop.querySelector("[data-preview]").src = address;
}

input.addEventListener("change", look);
for (const kind of ["dragenter", "dragover"]) {
  drop.addEventListener(kind, (event) => {
    event.preventDefault();
    drop.classList.add("over");
  });
}
for (const kind of ["dragleave", "drop"]) {
  drop.addEventListener(kind, () => drop.classList.remove("over"));
}
drop.addEventListener("drop", (event) => {
  event.preventDefault();
  if (!event.dataTransfer.files.length) return;
  input.files = event.dataTransfer.files;
  look();
});
form.addEventListener("submit", () => {
  send.disabled = true;
  send.lastChild.textContent = "Uploading";
});
addEventListener("pageshow", look);
