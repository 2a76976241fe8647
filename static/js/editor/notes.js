/* What a drawing could not bring along: it stays until somebody has read it. */

/** Take the notes away where they are, so that nothing unsaved is lost by a new page. */
export function listenToNotes(root, say) {
  const form = root.querySelector("[data-notes] form");
  form?.addEventListener("submit", async (event) => {
    event.preventDefault();
    let isDone = false;
    try {
      const answer = await fetch(form.action, { method: "POST", body: new FormData(form), headers: { "HX-Request": "true" } });
      isDone = answer.status === 204;
    } catch { /* said below */ }
    if (!isDone) {
      say("The notes stay: the server did not take it. Try again, or reload the page.");
      return;
    }
    form.closest("[data-notes]").remove();
    root.querySelector('[data-part="view"]').focus();
    say("The notes of the drawing are gone.");
  });
}
