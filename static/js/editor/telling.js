/* What the editor calls things, and what a template knows of the brand. */
import { walk } from "./layers.js";

/** Say a value of a field as people say it: "cover" is "Fill the box". */
export const words = (store, value, name = "") => store.words.values[`${name}/${value}`] ?? store.words.values[value] ?? `${value[0].toUpperCase()}${value.slice(1).replaceAll(/[-_]/g, " ")}`;

/** Take the address off a problem: the place is shown where the words stand. */
export const tidy = (problem) => problem.replace(/^Template document, at [^:]*: /, "").replace(/^./, (letter) => letter.toUpperCase());

/** The brand's colors for a template: its own names first, then roles it lacks. */
export function paletteOf(store) {
  const { colors } = store.setup.brand;
  const plain = { white: "#ffffff", black: "#000000" };
  const hexOf = (role) => colors[role]?.hex ?? plain[role] ?? "";
  const named = Object.entries(store.document.tokens.colors).map(([token, role]) => ({ token, role, hex: hexOf(role), label: `${token}, ${colors[role]?.name ?? role}${hexOf(role) ? "" : ", missing in the brand kit"}` }));
  const used = new Set(named.map((one) => one.role));
  const more = [...Object.keys(colors), "white", "black"].filter((role) => !used.has(role)).map((role) => ({ role, hex: hexOf(role), label: `${colors[role]?.name ?? role}, not in this template yet` }));
  return [...named, ...more];
}

/** Give the layers that show a slot. */
export const usesOf = (document, slot) => [...walk(document.layers)].filter((found) => found.layer.slot === slot).map((found) => found.layer);
