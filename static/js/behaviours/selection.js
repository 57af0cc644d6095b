// Selects people in the list: Shift and a click for a range, x for the row with the focus, Escape for none, b to go to
// the bar of actions. The bar shows while somebody is selected. When the whole page is selected, it offers all matches.
// The selection stays while pages are turned or sorted, and on the way back from the preview: the tab remembers it for
// this search. Another search clears it. A list that a link of the preview opens comes with its selection from the server.
const KEY = "rollcall.selection";
// These parameters change the page, not the people who match.
const PAGING = ["after", "before", "at", "count", "limit", "selection", "sort"];

export default function selection(bar, { signal, latinKey }) {
  const results = bar.closest("#results");
  const boxes = [...bar.elements].filter((field) => field.name === "ids" && field.type === "checkbox");
  const page = results.querySelector("[data-select-page]");
  const all = bar.querySelector("[data-select-all]");
  const clear = bar.querySelector("[data-select-clear]");
  const count = bar.querySelector("[data-select-count]");
  const full = bar.querySelector("[data-select-full]");
  const max = Number(bar.dataset.max);
  // People who are selected on other pages.
  const others = bar.querySelector("[data-select-others]");
  let last = null;

  const list = () => {
    // The server's words for this list: after a search, the address of the window changes later than the list.
    const parameters = new URLSearchParams(bar.elements.view.value);
    return String(new URLSearchParams([...parameters].filter(([name, value]) => value && !PAGING.includes(name)).sort()));
  };
  function restore() {
    let stored = {};
    try { stored = JSON.parse(sessionStorage.getItem(KEY)) ?? {}; } catch { /* No storage. */ }
    if (stored.sent && performance.getEntriesByType("navigation")[0]?.type !== "back_forward") {
      sessionStorage.removeItem(KEY);
      stored = {};
    }
    if (stored.list !== list()) {
      // The server's selection stays. That of another search is forgotten.
      return store();
    }
    if (all) all.checked = stored.all;
    const ids = new Set(stored.ids);
    for (const box of boxes) box.checked = ids.delete(box.value);
    others.replaceChildren(...[...ids].map((id) => Object.assign(document.createElement("input"), { type: "hidden", name: "ids", value: id })));
  }
  function store(sent = false) {
    const ids = [...boxes.filter((box) => box.checked), ...others.children].map((field) => field.value);
    const selection = { list: list(), ids, all: Boolean(all?.checked), sent };
    try { sessionStorage.setItem(KEY, JSON.stringify(selection)); } catch { /* No storage: for this page only. */ }
  }

  function show() {
    const here = boxes.filter((box) => box.checked).length;
    const elsewhere = others.children.length;
    const number = here + elsewhere;
    page.checked = here === boxes.length;
    page.indeterminate = here > 0 && !page.checked;
    if (all) {
      all.checked &&= page.checked;
      all.closest("label").hidden = !page.checked && !full.textContent;
    }
    bar.toggleAttribute("data-selected", number > 0);
    for (const box of boxes) box.closest("tr").toggleAttribute("data-selected", box.checked);
    const words = elsewhere ? bar.dataset.countElsewhere : bar.dataset.count;
    const text = all?.checked ? bar.dataset.all : number ? words.replace("{n}", number).replace("{m}", elsewhere) : "";
    // Screen readers would read out the same text again.
    if (count.textContent !== text) count.textContent = text;
  }

  function set(some, checked) {
    for (const box of some) box.checked = checked;
    const excess = boxes.filter((box) => box.checked).length + others.children.length - max;
    const added = some.filter((box) => checked && !box.closest("tr").hasAttribute("data-selected"));
    if (excess > 0) for (const box of added.slice(-excess)) box.checked = false;
    full.textContent = excess > 0 ? bar.dataset.full : "";
    store();
    show();
  }

  function setAll() {
    // Where the limit is reached, the people of this page may not fit beside those of other pages.
    if (all.checked && full.textContent) {
      others.replaceChildren();
      for (const box of boxes) box.checked = true;
    }
    full.textContent = "";
    store();
    show();
  }

  function setNone() {
    others.replaceChildren();
    set(boxes, false);
  }

  function click(event) {
    const box = event.target;
    const [from, to] = [boxes.indexOf(last ?? box), boxes.indexOf(box)].sort((a, b) => a - b);
    set(event.shiftKey ? boxes.slice(from, to + 1) : [box], box.checked);
    last = box;
  }

  function toggleRow(row) {
    const box = boxes.find((each) => row?.contains(each));
    if (!box) return;
    set([box], !box.checked);
    last = box;
  }

  function press(event) {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
    const { key, target } = event;
    const selected = bar.hasAttribute("data-selected");
    if (key === "Escape" && selected && !target.closest("[data-search], dialog, details[open]")) {
      event.preventDefault();
      return setNone();
    }
    if (event.shiftKey || document.body.hasAttribute("data-shortcuts-off")) return;
    if (target.closest("input:not([type=checkbox]), textarea, select, dialog")) return;
    const letter = latinKey(event);
    if (letter === "x") toggleRow(target.closest("tr"));
    else if (letter === "b" && selected) bar.elements.action.focus();
    else return;
    event.preventDefault();
  }

  bar.dataset.enhanced = "";
  // The Back button of the browser would check the boxes of a selection that another search cleared.
  bar.autocomplete = "off";
  clear.hidden = false;
  page.addEventListener("change", () => set(boxes, page.checked));
  all?.addEventListener("change", setAll);
  for (const box of boxes) box.addEventListener("click", click);
  // Shift and a click would also select text.
  results.addEventListener("mousedown", (event) => {
    if (event.shiftKey && event.target.closest(".col-select")) event.preventDefault();
  });
  clear.addEventListener("click", () => {
    setNone();
    boxes[0].focus();
  });
  document.addEventListener("keydown", press, { signal });
  // The server has the selection from here on. Only the Back button restores it.
  bar.addEventListener("submit", () => store(true));
  bar.querySelector("[data-select-note]")?.remove();
  restore();
  show();
}
