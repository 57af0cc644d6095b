// Keyboard shortcuts of the signed-in pages. They can be turned off in the help dialog (kept in this browser).
const KEY = "rollcall.shortcuts";

export default function shortcuts(body) {
  const dialog = document.getElementById("shortcuts");
  const choice = document.getElementById("shortcuts-on");
  let on = read() !== "off";
  let before = "";

  function read() {
    try { return localStorage.getItem(KEY); } catch { return null; }
  }
  function show() {
    for (const hint of document.querySelectorAll("[data-shortcut-hint]")) hint.hidden = !on;
  }
  function help() {
    document.querySelector(".menu[open]")?.removeAttribute("open");
    if (!dialog.open) dialog.showModal();
  }
  function go(address) {
    if (address) location.assign(address);
  }
  function step(by) {
    const links = [...document.querySelectorAll("#results tbody a")];
    if (!links.length) return;
    const at = links.indexOf(document.activeElement);
    const to = at < 0 ? (by > 0 ? 0 : links.length - 1) : Math.min(Math.max(at + by, 0), links.length - 1);
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
    j: () => step(1),
    k: () => step(-1),
    "?": help,
    "g u": () => go(body.dataset.users),
  };

  // What the key says; on Cyrillic, Greek or Hebrew layouts, what it would say on a Latin one.
  function said({ key, code, shiftKey }) {
    if (code === "Slash" && /^[.,]$/.test(key)) return shiftKey ? "?" : "/";
    return /^(?!\p{Script=Latin})\p{L}$/u.test(key) ? (/^Key(.)$/.exec(code)?.[1].toLowerCase() ?? key) : key;
  }
  // An element of this page may have a key of its own: data-shortcut="e".
  function marked(key) {
    const element = document.querySelector(`[data-shortcut="${CSS.escape(key)}"]`);
    return element && (() => element.click());
  }

  choice.checked = on;
  choice.addEventListener("change", () => {
    on = choice.checked;
    try { localStorage.setItem(KEY, on ? "on" : "off"); } catch { /* kept for this page only */ }
    show();
  });
  for (const button of document.querySelectorAll("[data-shortcuts-open]")) {
    button.hidden = false;
    button.addEventListener("click", help);
  }
  dialog.addEventListener("click", (event) => {
    if (event.target === dialog) dialog.close();
  });

  document.addEventListener("keydown", (event) => {
    if (!on || event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || dialog.open) return;
    if (event.target.closest("input, textarea, select, [contenteditable]")) return;
    const key = said(event);
    const action = keys[`${before} ${key}`] ?? keys[key] ?? marked(key);
    before = action ? "" : key;
    if (!action) return;
    event.preventDefault();
    action();
  });
  show();
}
