/* Copies a field or a text from <button data-copies="id">. Where a page may not copy, the
   button stays away and the text can be marked by hand. */
import { toast } from "./toasts.js";

for (const button of document.querySelectorAll("[data-copies]")) {
  const text = document.getElementById(button.dataset.copies);
  text.addEventListener("focus", () => text.select?.());
  if (!navigator.clipboard) continue;
  button.hidden = false;
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(text.value ?? text.textContent);
    toast("Copied");
  });
}
