// Choosing people in a list: shift-click for a range, x for the row of the focus, Escape for nobody; the bar shows once
// there is somebody, and offers all that match once the whole page is chosen.
export default function select(bar) {
  const results = bar.closest("#results");
  const boxes = [...results.querySelectorAll(`input[form="${bar.id}"][name="ids"]`)];
  const head = results.querySelector("[data-select-page]");
  const all = bar.querySelector("[data-select-all]");
  const count = bar.querySelector("[data-select-count]");
  let last = null;

  bar.dataset.live = "";
  head.closest("label").hidden = false;
  bar.querySelector("[data-select-clear]").hidden = false;

  const chosen = () => boxes.filter((box) => box.checked);

  function show() {
    const number = chosen().length;
    const whole = number === boxes.length;
    if (all && !whole) all.checked = false;
    if (all) all.closest("label").hidden = !whole;
    head.checked = whole;
    head.indeterminate = number > 0 && !whole;
    bar.toggleAttribute("data-chosen", number > 0);
    for (const box of boxes) box.closest("tr").toggleAttribute("data-chosen", box.checked);
    const words = all?.checked ? bar.dataset.all : number ? bar.dataset.one.replace("{n}", number) : "";
    if (count.textContent !== words) count.textContent = words;
  }

  function set(those, on) {
    for (const box of those) box.checked = on;
    show();
  }

  function toggle(box, event) {
    if (event.shiftKey && last && last !== box) {
      const [from, to] = [boxes.indexOf(last), boxes.indexOf(box)].sort((a, b) => a - b);
      set(boxes.slice(from, to + 1), box.checked);
    }
    last = box;
    show();
  }

  function pressed(event) {
    if (!bar.isConnected) return document.removeEventListener("keydown", pressed);
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "Escape" && chosen().length && !event.target.closest("[data-search], dialog, details[open]")) {
      set(boxes, false);
      return event.preventDefault();
    }
    // The same key on any layout; whoever turned shortcuts off has this one off too.
    if (event.code !== "KeyX" || event.shiftKey || off() || event.target.closest("input:not([type=checkbox]), textarea, select")) return;
    const box = event.target.closest("tr")?.querySelector(`[form="${bar.id}"]`);
    if (!box) return;
    box.checked = !box.checked;
    last = box;
    show();
    event.preventDefault();
  }

  function off() {
    try { return localStorage.getItem("rollcall.shortcuts") === "off"; } catch { return false; }
  }

  for (const box of boxes) box.addEventListener("click", (event) => toggle(box, event));
  // A shift-click selects text too, unless it is told not to.
  results.addEventListener("mousedown", (event) => event.shiftKey && event.target.closest(".col-pick") && event.preventDefault());
  head.addEventListener("change", () => set(boxes, head.checked));
  all?.addEventListener("change", show);
  bar.querySelector("[data-select-clear]").addEventListener("click", () => {
    set(boxes, false);
    boxes[0].focus();
  });
  document.addEventListener("keydown", pressed);
  // Whoever comes back to the page finds ticked what they ticked.
  addEventListener("pageshow", show);
  show();
}
