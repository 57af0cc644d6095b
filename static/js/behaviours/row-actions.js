// The actions of a row: c copies its e-mail address, e edits, m opens a menu with all of them. A row gets its buttons when
// the pointer or the focus enters it. All rows share one menu, which gets the links of its row when it opens.
const CONFIRMED_FOR = 1600;
const GAP = 4;

export default function rowActions(results, { signal, announce, latinKey }) {
  const menu = document.getElementById("row-menu");
  const buttons = document.getElementById("row-actions").content;
  const items = menu.querySelector("[data-row-links]");
  const status = document.getElementById("results-status");
  let row = null;

  const opener = () => row?.querySelector("[data-row-menu]");
  const close = () => menu.matches(":popover-open") && menu.hidePopover();

  function fill(tr) {
    const box = tr?.querySelector(".row-actions");
    if (!box || box.children.length > 1) return;
    const { status } = box.parentElement.dataset;
    const path = new URL(tr.querySelector("a").href).pathname;
    const filled = buttons.cloneNode(true);
    for (const link of filled.querySelectorAll("a")) {
      if (link.dataset.statuses.split(" ").includes(status)) link.href = path + link.dataset.path;
      else link.remove();
    }
    box.prepend(filled);
  }

  async function copy(tr, button) {
    const address = tr.querySelector(".person-mail").textContent;
    try {
      await navigator.clipboard.writeText(address);
    } catch {
      return announce(status, menu.dataset.copyFailed, "notice notice-error");
    }
    announce(status, menu.dataset.copied.replace("{address}", address));
    confirm(button);
  }
  function confirm(button) {
    const use = button.querySelector("use");
    const symbol = use.getAttribute("href");
    if ("copied" in button.dataset) return;
    button.dataset.copied = "";
    use.setAttribute("href", symbol.replace(/#.*/, "#check"));
    setTimeout(() => {
      delete button.dataset.copied;
      use.setAttribute("href", symbol);
      if (menu.contains(button)) close();
    }, CONFIRMED_FOR);
  }

  function itemOf(link) {
    const item = Object.assign(document.createElement("a"), { className: "menu-item", href: link.href });
    item.append(link.firstElementChild.cloneNode(true), link.title);
    return item;
  }
  function open(tr) {
    row = tr;
    const link = tr.querySelector("a");
    const links = [...tr.querySelectorAll(".row-actions a")];
    menu.querySelector("[data-row-name]").textContent = link.textContent;
    items.replaceChildren(...links.map(itemOf));
    for (const item of menu.querySelectorAll("[data-path]")) {
      item.href = new URL(link.href).pathname + item.dataset.path;
      item.hidden = item.dataset.path === "/deletion" && links.some((each) => each.pathname.endsWith("/restoration"));
    }
    menu.showPopover();
    place(opener().getBoundingClientRect());
    opener().ariaExpanded = "true";
    menu.querySelector("a, button").focus({ preventScroll: true });
  }
  // Below the button, or above it if there is no room.
  function place(button) {
    const { width, height } = menu.getBoundingClientRect();
    const start = document.dir === "rtl" ? button.left : button.right - width;
    const below = button.bottom + GAP;
    const top = below + height > innerHeight ? button.top - GAP - height : below;
    menu.style.left = `${Math.max(GAP, Math.min(start, innerWidth - width - GAP))}px`;
    menu.style.top = `${Math.max(GAP, top)}px`;
  }

  function step(event) {
    const by = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!by) return;
    const all = [...menu.querySelectorAll("a:not([hidden]), button")];
    all.at((all.indexOf(document.activeElement) + by) % all.length).focus();
    event.preventDefault();
  }
  function press(event) {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || event.shiftKey) return;
    if (document.body.hasAttribute("data-shortcuts-off")) return;
    if (event.target.closest("input:not([type=checkbox]), textarea, select, dialog")) return;
    const tr = menu.contains(event.target) ? row : results.contains(event.target) && event.target.closest("tbody tr");
    const use = tr && actions[latinKey(event)];
    if (!use) return;
    event.preventDefault();
    fill(tr);
    use(tr);
  }
  const actions = {
    m: (tr) => (menu.matches(":popover-open") ? close() : open(tr)),
    c: (tr) => copy(tr, (menu.matches(":popover-open") ? menu : tr).querySelector("[data-row-copy]")),
    e: (tr) => tr.querySelector('.row-actions a[href$="/edit"]')?.click(),
  };

  results.dataset.rowActions = "";
  // The pointer or the focus may have been in a row before this script was loaded.
  for (const tr of results.querySelectorAll("tbody tr:is(:hover, :focus-within)")) fill(tr);
  for (const event of ["pointerover", "focusin"]) {
    results.addEventListener(event, ({ target }) => fill(target.closest("tbody tr")));
  }
  results.addEventListener("click", ({ target }) => {
    const tr = target.closest("tbody tr");
    const button = target.closest("[data-row-copy]");
    if (button) copy(tr, button);
    if (!target.closest("[data-row-menu]")) return;
    fill(tr);
    open(tr);
  });
  menu.addEventListener("click", ({ target }) => {
    const button = target.closest("[data-row-copy]");
    if (button) copy(row, button);
  }, { signal });
  menu.addEventListener("toggle", (event) => {
    if (event.newState === "closed" && opener()) opener().ariaExpanded = "false";
  }, { signal });
  menu.addEventListener("keydown", step, { signal });
  menu.addEventListener("focusout", ({ relatedTarget }) => {
    if (relatedTarget && !menu.contains(relatedTarget)) close();
  }, { signal });
  document.addEventListener("keydown", press, { signal });
  addEventListener("scroll", close, { signal, passive: true });
  signal.addEventListener("abort", close);
}
