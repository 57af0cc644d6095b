// The command palette (Ctrl K or ⌘ K) finds people, groups, roles, views, pages and actions. The focus stays in the box
// and the arrow keys select an option, as in the combobox pattern of ARIA 1.2.
//
// Before anything is typed, it offers what was opened lately. This browser keeps only the kinds and IDs of these things,
// for each signed-in person and until the sign-in page is shown. The server finds their names again, for the viewer.
const DEBOUNCE = 130;
const RECENT_MAX = 6;
const RECENT = "rollcall.recent.";
// The sign-in page, which the server sends when the session has ended, has no results.
const RESULTS = "[data-palette-results]";

const fold = (text) => text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();

function readRecent(viewer) {
  try { return (localStorage.getItem(RECENT + viewer) ?? "").split(",").filter(Boolean); } catch { return []; }
}

function remember(viewer, object) {
  const names = [object, ...readRecent(viewer).filter((name) => name !== object)].slice(0, RECENT_MAX + 1);
  try { localStorage.setItem(RECENT + viewer, names.join(",")); } catch { /* No storage: nothing is recent. */ }
}

export default function palette(dialog, { fetchPart, announce, sleep, latinKey }) {
  const box = dialog.querySelector("[role=combobox]");
  const status = dialog.querySelector("[role=status]");
  const offered = dialog.querySelector("[data-palette-offered]");
  const found = dialog.querySelector("[data-palette-found]");
  const commands = [...dialog.querySelectorAll("[role=option]")];
  const { viewer, object } = document.body.dataset;
  let request, opening;

  const options = () => [...dialog.querySelectorAll("[role=option]:not([hidden])")];
  const selected = () => dialog.querySelector("[aria-selected=true]");

  function toggle() {
    if (dialog.open) return dialog.close();
    if (document.querySelector("dialog[open]")) return;
    document.querySelector(".menu[open]")?.removeAttribute("open");
    box.value = "";
    offered.replaceChildren();
    search();
    dialog.showModal();
    offer();
  }

  // Shows what was opened lately, without this page, and the actions on the open person.
  async function offer() {
    opening?.abort();
    const { signal } = opening = new AbortController();
    const recent = readRecent(viewer).filter((name) => name !== object).slice(0, RECENT_MAX).join(",");
    const [kind, id] = object?.split(":") ?? [];
    const asked = new URLSearchParams();
    if (recent) asked.set("recent", recent);
    if (kind === "user") asked.set("person", id);
    if (!dialog.dataset.src || !asked.size) return;
    const results = await fetchPart(`${dialog.dataset.src}?${asked}`, RESULTS, signal).catch(() => null);
    if (signal.aborted || !results) return;
    offered.replaceChildren(...results.children);
    filter();
    if (!box.value) select(options()[0]);
  }

  // Hides the options without the typed words, except those that the server found.
  function filter() {
    const words = fold(box.value.trim()).split(/\s+/);
    for (const option of [...commands, ...offered.querySelectorAll("[role=option]")]) {
      const available = !option.dataset.press || document.querySelector(option.dataset.press);
      option.hidden = !available || !words.every((word) => fold(option.textContent).includes(word));
    }
  }

  function select(option) {
    selected()?.setAttribute("aria-selected", "false");
    option?.setAttribute("aria-selected", "true");
    option?.scrollIntoView({ block: "nearest" });
    box.setAttribute("aria-activedescendant", option?.id ?? "");
  }

  function run(option, event) {
    if (!option) return;
    const { href, press } = option.dataset;
    if (href && (event.ctrlKey || event.metaKey)) return open(href, "_blank", "noopener");
    dialog.close();
    if (href) return location.assign(href);
    const target = document.querySelector(press);
    // The closing dialog gives the focus back first. Then the menu that opens gets it.
    setTimeout(() => {
      target.click();
      target.parentElement.querySelector(".menu-panel input:not([type=hidden])")?.focus();
    });
  }

  async function search() {
    request?.abort();
    const { signal } = request = new AbortController();
    const text = box.value.trim();
    filter();
    found.replaceChildren();
    select(options()[0]);
    if (text && dialog.dataset.src) {
      await sleep(DEBOUNCE);
      if (signal.aborted) return;
      const url = `${dialog.dataset.src}?${new URLSearchParams({ q: text })}`;
      const results = await fetchPart(url, RESULTS, signal).catch(() => null);
      if (signal.aborted) return;
      found.replaceChildren(...results?.children ?? []);
      for (const option of offered.querySelectorAll("[role=option]:not([hidden])")) {
        found.querySelector(`[data-href="${CSS.escape(option.dataset.href)}"]`)?.remove();
      }
      if (!selected()) select(options()[0]);
    }
    const { length } = options();
    if (length) announce(status, status.dataset.count.replace("{n}", length));
    else announce(status, status.dataset.none, "palette-none quiet");
  }

  if (object) remember(viewer, object);
  for (const button of document.querySelectorAll("[data-palette-open]")) {
    button.hidden = false;
    button.addEventListener("click", toggle);
  }
  document.addEventListener("keydown", (event) => {
    const pressed = (event.ctrlKey || event.metaKey) && !event.altKey && !event.shiftKey && latinKey(event) === "k";
    if (!pressed || document.body.hasAttribute("data-shortcuts-off")) return;
    event.preventDefault();
    toggle();
  });
  box.addEventListener("input", search);
  box.addEventListener("keydown", (event) => {
    if (event.isComposing) return;
    const all = options();
    const from = all.indexOf(selected());
    const to = { ArrowDown: from + 1, ArrowUp: from - 1 }[event.key];
    if (to !== undefined) select(all[(to + all.length) % all.length]);
    else if (event.key === "Enter") run(selected(), event);
    else return;
    event.preventDefault();
  });
  dialog.addEventListener("click", (event) => {
    if (event.target === dialog) dialog.close();
    else run(event.target.closest("[role=option]"), event);
  });
  dialog.addEventListener("pointermove", (event) => {
    const option = event.target.closest("[role=option]");
    if (option && option !== selected()) select(option);
  });
}
