// Selects people in the list: Shift and a click for a range, x for the row with the focus, Escape for none, b to go to
// the bar of actions. The bar shows while somebody is selected. When the whole page is selected, it offers all matches.
// The selection stays while pages are turned, and on the way back from the preview: the tab remembers it for this list,
// without its page. A list that a link of the preview opens comes with its selection from the server.
const KEY = "rollcall.selection";
const PAGING = ["after", "before", "at", "count", "limit", "selection"];
export default function selection(bar, { signal }) {
  const results = bar.closest("#results");
  const boxes = [...bar.elements].filter((field) => field.name === "ids" && field.type === "checkbox");
  const page = results.querySelector("[data-select-page]");
  const all = bar.querySelector("[data-select-all]");
  const clear = bar.querySelector("[data-select-clear]");
  const count = bar.querySelector("[data-select-count]");
  // People who are selected on other pages.
  const others = bar.querySelector("[data-select-others]");
  let last = null;

  const list = () => {
    const address = new URLSearchParams(location.search);
    for (const name of PAGING) address.delete(name);
    return String(address);
  };
  function restore() {
    let stored = {};
    try { stored = JSON.parse(sessionStorage.getItem(KEY)) ?? {}; } catch { /* No storage. */ }
    if (stored.sent && performance.getEntriesByType("navigation")[0]?.type !== "back_forward") {
      sessionStorage.removeItem(KEY);
      stored = {};
    }
    if (stored.list !== list()) {
      // The server's selection stays.
      if (others.children.length || boxes.some((box) => box.defaultChecked)) store();
      return;
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
    const number = here + others.children.length;
    page.checked = here === boxes.length;
    page.indeterminate = here > 0 && !page.checked;
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

  function press(event) {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "Escape") {
      if (!bar.hasAttribute("data-selected") || event.target.closest("[data-search], dialog, details[open]")) return;
      setNone();
    } else if (event.code === "KeyB" && !event.shiftKey) {
      if (!bar.hasAttribute("data-selected") || document.body.hasAttribute("data-shortcuts-off")) return;
      if (event.target.closest("input:not([type=checkbox]), textarea, select, dialog")) return;
      bar.elements.action.focus();
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
  all?.addEventListener("change", () => set([], true));
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
  // The Back button restores the boxes that were checked.
  addEventListener("pageshow", show, { signal });
  // The server has the selection from here on. Only the Back button restores it.
  bar.addEventListener("submit", () => store(true));
  bar.querySelector("[data-select-note]")?.remove();
  restore();
  show();
}
