// Selects people in the list: Shift and a click for a range, x for the row with the focus, Escape for none. The bar of
// actions shows while a row is selected. When the whole page is selected, it offers all matches.
export default function selection(bar, { signal }) {
  const results = bar.closest("#results");
  const boxes = [...bar.elements].filter((field) => field.name === "ids");
  const page = results.querySelector("[data-select-page]");
  const all = bar.querySelector("[data-select-all]");
  const clear = bar.querySelector("[data-select-clear]");
  const count = bar.querySelector("[data-select-count]");
  let last = null;

  function show() {
    const number = boxes.filter((box) => box.checked).length;
    page.checked = number === boxes.length;
    page.indeterminate = number > 0 && !page.checked;
    if (all) {
      all.checked &&= page.checked;
      all.closest("label").hidden = !page.checked;
    }
    bar.toggleAttribute("data-selected", number > 0);
    for (const box of boxes) box.closest("tr").toggleAttribute("data-selected", box.checked);
    const text = all?.checked ? bar.dataset.all : number ? bar.dataset.count.replace("{n}", number) : "";
    // Screen readers would read out the same text again.
    if (count.textContent !== text) count.textContent = text;
  }

  function set(some, checked) {
    for (const box of some) box.checked = checked;
    show();
  }

  function click(event) {
    const box = event.target;
    const [from, to] = [boxes.indexOf(last ?? box), boxes.indexOf(box)].sort((a, b) => a - b);
    set(event.shiftKey ? boxes.slice(from, to + 1) : [box], box.checked);
    last = box;
  }

  function press(event) {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "Escape") {
      if (!bar.hasAttribute("data-selected") || event.target.closest("[data-search], dialog, details[open]")) return;
      set(boxes, false);
    } else {
      // By its place on the keyboard, so that it works on any layout.
      if (event.code !== "KeyX" || event.shiftKey || document.body.hasAttribute("data-shortcuts-off")) return;
      if (event.target.closest("input:not([type=checkbox]), textarea, select")) return;
      const box = boxes.find((each) => event.target.closest("tr")?.contains(each));
      if (!box) return;
      set([box], !box.checked);
      last = box;
    }
    event.preventDefault();
  }

  bar.dataset.enhanced = "";
  page.closest("label").hidden = clear.hidden = false;
  page.addEventListener("change", () => set(boxes, page.checked));
  all?.addEventListener("change", show);
  for (const box of boxes) box.addEventListener("click", click);
  // Shift and a click would also select text.
  results.addEventListener("mousedown", (event) => {
    if (event.shiftKey && event.target.closest(".col-select")) event.preventDefault();
  });
  clear.addEventListener("click", () => {
    set(boxes, false);
    boxes[0].focus();
  });
  document.addEventListener("keydown", press, { signal });
  // The Back button restores the boxes that were checked.
  addEventListener("pageshow", show, { signal });
  show();
}
