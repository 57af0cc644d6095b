// The command palette (Ctrl K or ⌘ K) finds people, pages and actions. The focus stays in the box and the arrow keys
// select an option, as in the combobox pattern of ARIA 1.2.
const DEBOUNCE = 130;

const fold = (text) => text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();

export default function palette(dialog, { fetchPart, announce, sleep }) {
  const box = dialog.querySelector("[role=combobox]");
  const status = dialog.querySelector("[role=status]");
  const people = dialog.querySelector("[aria-labelledby=palette-people]");
  const commands = [...dialog.querySelectorAll("[role=option]")];
  let request;

  const options = () => [...dialog.querySelectorAll("[role=option]:not([hidden])")];
  const selected = () => dialog.querySelector("[aria-selected=true]");

  function toggle() {
    if (dialog.open) return dialog.close();
    if (document.querySelector("dialog[open]")) return;
    document.querySelector(".menu[open]")?.removeAttribute("open");
    box.value = "";
    search();
    dialog.showModal();
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
    const words = fold(text).split(/\s+/);
    for (const option of commands) {
      const available = !option.dataset.press || document.querySelector(option.dataset.press);
      option.hidden = !available || !words.every((word) => fold(option.textContent).includes(word));
    }
    for (const option of people.querySelectorAll("[role=option]")) option.remove();
    select(options()[0]);
    if (text && dialog.dataset.src) {
      await sleep(DEBOUNCE);
      if (signal.aborted) return;
      const url = `${dialog.dataset.src}?${new URLSearchParams({ q: text })}`;
      const page = await fetchPart(url, "body", signal).catch(() => null);
      if (signal.aborted) return;
      people.append(...page?.querySelectorAll("[role=option]") ?? []);
      if (!selected()) select(options()[0]);
    }
    const { length } = options();
    if (length) announce(status, status.dataset.count.replace("{n}", length));
    else announce(status, status.dataset.none, "palette-none quiet");
  }

  for (const button of document.querySelectorAll("[data-palette-open]")) {
    button.hidden = false;
    button.addEventListener("click", toggle);
  }
  document.addEventListener("keydown", (event) => {
    const pressed = (event.ctrlKey || event.metaKey) && !event.altKey && !event.shiftKey && event.code === "KeyK";
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
