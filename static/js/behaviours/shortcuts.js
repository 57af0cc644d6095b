// Keyboard shortcuts of the signed-in pages. The help dialog turns them off; this browser remembers that.
const KEY = "rollcall.shortcuts";

export default function shortcuts(body, { latinKey }) {
  const dialog = document.getElementById("shortcuts");
  const choice = document.getElementById("shortcuts-on");
  let prefix = "";

  // Other behaviours with keys of their own look at this attribute.
  function set(on) {
    choice.checked = on;
    body.toggleAttribute("data-shortcuts-off", !on);
    for (const hint of document.querySelectorAll("[data-shortcut-hint]")) hint.hidden = !on;
  }
  function help() {
    document.querySelector(".menu[open]")?.removeAttribute("open");
    if (!dialog.open) dialog.showModal();
  }
  function go(url) {
    if (url) location.assign(url);
  }
  function move(by) {
    // The link of a row is its first one, or the one that the page names.
    const rows = [...document.querySelectorAll("#results tbody tr")];
    const links = rows.map((row) => row.querySelector("[data-row-link]") ?? row.querySelector("a")).filter(Boolean);
    if (!links.length) return clickOf(by > 0 ? "j" : "k")?.();
    const from = links.findIndex((link) => link.closest("tr").contains(document.activeElement));
    const to = from < 0 ? (by > 0 ? 0 : links.length - 1) : Math.min(Math.max(from + by, 0), links.length - 1);
    links[to].focus();
    links[to].closest("tr").scrollIntoView({ block: "nearest" });
  }

  const keys = {
    "/": () => {
      const box = document.querySelector("[data-search]");
      if (!box) return go(body.dataset.users);
      box.focus();
      box.select();
    },
    n: () => go(body.dataset.new),
    j: () => move(1),
    k: () => move(-1),
    "?": help,
    "g u": () => go(body.dataset.users),
  };

  // The Russian layout has a full stop and a comma on the key of the slash and the question mark.
  function keyOf(event) {
    if (event.code === "Slash" && /^[.,]$/.test(event.key)) return event.shiftKey ? "?" : "/";
    return latinKey(event);
  }
  // A page may give an element a key: data-shortcut="e".
  function clickOf(key) {
    const element = document.querySelector(`[data-shortcut="${CSS.escape(key)}"]`);
    return element && (() => element.click());
  }

  choice.addEventListener("change", () => {
    set(choice.checked);
    try { localStorage.setItem(KEY, choice.checked ? "on" : "off"); } catch { /* No storage: for this page only. */ }
  });
  for (const button of document.querySelectorAll("[data-shortcuts-open]")) {
    button.hidden = false;
    button.addEventListener("click", help);
  }
  dialog.addEventListener("click", (event) => {
    if (event.target === dialog) dialog.close();
  });
  document.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
    if (!choice.checked || dialog.open || event.target.closest("input, textarea, select, [contenteditable]")) return;
    const key = keyOf(event);
    const action = keys[`${prefix} ${key}`] ?? keys[key] ?? clickOf(key);
    prefix = action ? "" : key;
    if (!action) return;
    event.preventDefault();
    action();
  });

  let stored = null;
  try { stored = localStorage.getItem(KEY); } catch { /* No storage. */ }
  set(stored !== "off");
}
