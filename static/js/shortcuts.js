/* Single keys press what carries data-key; ? lists them; the account menu switches them
   off (WCAG 2.1.4). Keys never act while one types or holds a modifier. */
const isOn = () => document.body.dataset.shortcuts === "on";
const isTyping = (target) => target.isContentEditable
  || target.matches?.("input:not([type=checkbox], [type=radio], [type=button]), select, textarea");

function isShown(element) {
  return element.checkVisibility() && !element.disabled && !element.closest("[inert]");
}

function find(key) {
  const holder = document.querySelector("dialog[open]") ?? document;
  const wanted = [...holder.querySelectorAll("[data-key]")];
  return wanted.find((one) => one.dataset.key.split(" ").includes(key) && isShown(one));
}

function showList() {
  const dialog = document.getElementById("shortcuts");
  const list = dialog.querySelector("dl");
  list.replaceChildren();
  const seen = new Set();
  for (const one of document.querySelectorAll("[data-key]")) {
    if (!isShown(one) || seen.has(one.dataset.key)) continue;
    seen.add(one.dataset.key);
    const [term, words, key] = ["dt", "dd", "kbd"].map((tag) => document.createElement(tag));
    key.textContent = one.dataset.key.split(" ")[0];
    const label = one.cloneNode(true);
    for (const hint of label.querySelectorAll("kbd")) hint.remove();
    words.textContent = one.dataset.keyDoes || one.ariaLabel || label.textContent.trim();
    term.append(key);
    list.append(term, words);
  }
  dialog.showModal();
}

document.addEventListener("keydown", (event) => {
  if (!isOn() || event.defaultPrevented || event.repeat || isTyping(event.target)) return;
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  // A player has these keys itself.
  if (event.target.matches?.("video") && event.key.startsWith("Arrow")) return;
  if (event.key === "?") {
    event.preventDefault();
    showList();
    return;
  }
  const target = find(event.key) ?? find(event.key.toLowerCase());
  if (!target) return;
  event.preventDefault();
  if (isTyping(target)) target.focus();
  else target.click();
});
