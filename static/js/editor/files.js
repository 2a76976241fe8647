/* A template as a file: taken out as it is now, or put in the place of the one in hand. */
import { read } from "../answers.js";

const MOST_BYTES = 512 * 1024;

/** Save the document as a file of the person's own. */
export function download(document_) {
  const text = `${JSON.stringify(document_, null, 2)}\n`;
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([text], { type: "application/json" }));
  link.download = `${document_.name.toLowerCase().replaceAll(/[^a-z0-9]+/g, "-") || "template"}.json`;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href));
}

/** Take a document from a file if the server can read and draw it; returns what to say,
    and whether that is an error. */
export async function replaceBy(store, preview, file) {
  if (file.size > MOST_BYTES) return [`${file.name} has ${file.size.toLocaleString()} bytes; ${MOST_BYTES.toLocaleString()} are allowed.`, true];
  let found = null;
  try {
    found = JSON.parse(await file.text());
  } catch {
    return [`${file.name} is no JSON, so it is no template.`, true];
  }
  if (found?.schema !== store.document.schema) return [`${file.name} is no template of this version. Import it under Templates, which brings older ones up to date.`, true];
  const [format] = Object.keys(found.formats ?? {});
  try {
    const told = await read(await preview.send({ document: found, format: format ?? "", locale: "" }, 0.1));
    if (!told.picture) return [`${file.name} was not taken: ${told.problem}`, true];
    store.shapes = told.formats;
  } catch {
    return ["The server can't be reached, so the file was not checked and not taken.", true];
  }
  store.edit(found, { select: null });
  return [`The template is what ${file.name} says now. Undo brings back what it was.`, false];
}
