// Ctrl K or ⌘ K: finds people, pages and actions. The focus stays in the box; the arrows choose (ARIA 1.2, combobox).
const PAUSE = 130;

export default function palette(dialog) {
  const box = dialog.querySelector("[role=combobox]");
  const status = dialog.querySelector("[role=status]");
  const none = dialog.querySelector("[data-none]");
  const people = dialog.querySelector("[aria-labelledby=palette-people]");
  const offers = [...dialog.querySelectorAll("[role=option]")];
  let timer, request;

  const folded = (text) => text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();
  const options = () => [...dialog.querySelectorAll("[role=option]:not([hidden])")];
  const chosen = () => dialog.querySelector("[aria-selected=true]");

  function open() {
    document.querySelector(".menu[open]")?.removeAttribute("open");
    if (dialog.open || document.querySelector("dialog[open]")) return;
    box.value = "";
    narrow();
    dialog.showModal();
  }
  function choose(option) {
    chosen()?.setAttribute("aria-selected", "false");
    option?.setAttribute("aria-selected", "true");
    option?.scrollIntoView({ block: "nearest" });
    if (option) box.setAttribute("aria-activedescendant", option.id);
    else box.removeAttribute("aria-activedescendant");
  }
  function follow(option, elsewhere) {
    if (!option) return;
    const { href, press } = option.dataset;
    if (elsewhere && href) return window.open(href, "_blank", "noopener");
    dialog.close();
    if (href) return location.assign(href);
    const target = document.querySelector(press);
    // What a browser has just closed must not take the focus back from what opens.
    setTimeout(() => { target.click(); target.parentElement.querySelector(".menu-panel input:not([type=hidden])")?.focus(); });
  }
  function narrow() {
    const words = folded(box.value).split(/\s+/).filter(Boolean);
    for (const option of offers) {
      const there = !option.dataset.press || document.querySelector(option.dataset.press);
      option.hidden = !there || !words.every((word) => folded(option.textContent).includes(word));
    }
    for (const option of people.querySelectorAll("[role=option]")) option.remove();
    tidy();
    choose(options()[0]);
    clearTimeout(timer);
    request?.abort();
    if (words.length && dialog.dataset.src) timer = setTimeout(find, PAUSE);
    else say();
  }
  function tidy() {
    for (const group of dialog.querySelectorAll("[role=group]")) {
      group.hidden = !group.querySelector("[role=option]:not([hidden])");
    }
  }
  function say() {
    const { length } = options();
    none.hidden = length > 0;
    status.textContent = length ? status.dataset.one.replace("{n}", length) : status.dataset.none;
  }
  async function find() {
    request = new AbortController();
    const { signal } = request;
    try {
      const url = `${dialog.dataset.src}?${new URLSearchParams({ q: box.value.trim() })}`;
      const response = await fetch(url, { signal, headers: { Accept: "text/html" } });
      if (response.ok && !response.redirected) {
        const page = new DOMParser().parseFromString(await response.text(), "text/html");
        if (signal.aborted) return;
        people.append(...page.querySelectorAll("[role=option]"));
      }
    } catch (error) {
      if (error.name === "AbortError") return;
    }
    tidy();
    if (!chosen()) choose(options()[0]);
    say();
  }
  function on() {
    try { return localStorage.getItem("rollcall.shortcuts") !== "off"; } catch { return true; }
  }

  for (const button of document.querySelectorAll("[data-palette-open]")) {
    button.hidden = false;
    button.addEventListener("click", open);
  }
  document.addEventListener("keydown", (event) => {
    const pressed = (event.ctrlKey || event.metaKey) && !event.altKey && !event.shiftKey && event.code === "KeyK";
    if (!pressed || !on()) return;
    event.preventDefault();
    if (dialog.open) dialog.close();
    else open();
  });
  box.addEventListener("input", narrow);
  box.addEventListener("keydown", (event) => {
    if (event.isComposing) return;
    const all = options();
    const at = all.indexOf(chosen());
    const to = { ArrowDown: at + 1, ArrowUp: at - 1 }[event.key];
    if (to !== undefined) choose(all[(to + all.length) % all.length]);
    else if (event.key === "Enter") follow(chosen(), event.ctrlKey || event.metaKey);
    else return;
    event.preventDefault();
  });
  dialog.addEventListener("click", (event) => {
    if (event.target === dialog) return dialog.close();
    const option = event.target.closest("[role=option]");
    if (option) follow(option, event.ctrlKey || event.metaKey);
  });
  dialog.addEventListener("pointermove", (event) => {
    const option = event.target.closest("[role=option]");
    if (option && option !== chosen()) choose(option);
  });
}
