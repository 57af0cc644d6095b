// Adds, moves and removes the choices of an attribute. A list that is pasted becomes a row for each line.
export default function choiceRows(root, { signal }) {
  const list = root.querySelector(".choice-rows");
  const inputs = (row) => [...row.querySelectorAll("input")];

  function add(after = list.lastElementChild) {
    const row = after.cloneNode(true);
    for (const input of inputs(row)) input.value = "";
    after.after(row);
    return row;
  }

  function remove(row) {
    const next = row.nextElementSibling ?? row.previousElementSibling ?? add(row);
    row.remove();
    inputs(next)[0].focus();
  }

  function move(row, up) {
    if (up) row.previousElementSibling?.before(row);
    else row.nextElementSibling?.after(row);
  }

  root.addEventListener("click", (event) => {
    const button = event.target.closest("[name='choices.do']");
    if (!button) return;
    event.preventDefault();
    const row = button.closest("li");
    const [action] = button.value.split("-");
    if (action === "add") return inputs(add())[0].focus();
    if (action === "remove") return remove(row);
    move(row, action === "up");
    button.focus();
  }, { signal });

  root.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.isComposing || event.target.nodeName !== "INPUT") return;
    event.preventDefault();
    const row = event.target.closest("li");
    inputs(row.nextElementSibling ?? add(row))[0].focus();
  }, { signal });

  root.addEventListener("paste", (event) => {
    const lines = event.clipboardData.getData("text").split(/\r?\n/).map((line) => line.trim()).filter(Boolean);
    if (event.target.nodeName !== "INPUT" || lines.length < 2) return;
    event.preventDefault();
    let row = event.target.closest("li");
    for (const line of lines) {
      const [value] = inputs(row);
      if (value.value) row = add(row);
      line.split(/\t|\|/).forEach((text, column) => {
        const input = inputs(row)[column];
        if (input) input.value = text.trim();
      });
    }
    inputs(row)[0].focus();
  }, { signal });
  root.toggleAttribute("data-enhanced", true);
}
