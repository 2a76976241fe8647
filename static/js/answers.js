/* What the server answers to a page that asks on its own. */

/** Read an answer, or say what is in the way: signed out, refused. */
export async function read(answer) {
  const kind = answer.headers.get("Content-Type") ?? "";
  if (kind.includes("json")) return answer.json();
  if (answer.redirected) return { problem: "You are signed out. Sign in in another tab; what you changed is still here." };
  return { problem: `The server refused this (${answer.status}). Try again; what you changed is still here.` };
}
