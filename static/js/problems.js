/* What a server says against a form while one types, put at its fields. */

/** Show each problem at its field; return those that belong to none. */
export function showProblems(form, problems) {
  for (const old of form.querySelectorAll(".errorlist.live")) old.remove();
  const left = [];
  for (const [name, problem] of problems) {
    const field = form.elements[name]?.closest?.(".field");
    const list = Object.assign(document.createElement("ul"), { className: "errorlist live" });
    list.append(Object.assign(document.createElement("li"), { textContent: problem }));
    if (field) field.append(list);
    else left.push(problem);
  }
  return left;
}
