// A people picker: finds people as one types. The arrow keys select an option, as in the combobox pattern of ARIA 1.2.
// The form sends the ID of the chosen person in a hidden input, or the text if no one was chosen.
const DEBOUNCE = 130;

export default function picker(root, { fetchPart, announce, sleep, signal: left }) {
  const box = root.querySelector("input");
  const list = root.querySelector("[role=listbox]");
  const status = root.querySelector("[role=status]");
  const clear = root.querySelector("button");
  const { name } = box;
  const chosen = Object.assign(document.createElement("input"), { type: "hidden", name });
  let request;

  const options = () => [...list.children];
  const selected = () => list.querySelector("[aria-selected=true]");

  function select(option) {
    selected()?.setAttribute("aria-selected", "false");
    option?.setAttribute("aria-selected", "true");
    option?.scrollIntoView({ block: "nearest" });
    if (option) box.setAttribute("aria-activedescendant", option.id);
    else box.removeAttribute("aria-activedescendant");
  }

  function show(people) {
    list.replaceChildren(...people);
    people.forEach((option, index) => { option.id = `${list.id}-${index}`; });
    list.hidden = !people.length;
    box.ariaExpanded = String(!list.hidden);
    select();
  }

  function close() {
    request?.abort();
    show([]);
    announce(status, "");
  }

  function choose(value, text) {
    close();
    chosen.value = value;
    box.before(chosen);
    box.name = "keepsText" in root.dataset ? `${name}.typed` : "";
    box.value = text;
    clear.hidden = false;
  }

  // The person who was chosen, and the radio buttons that the server offered, belong to the text before this change.
  function forget() {
    chosen.remove();
    box.name = name;
    root.parentElement.querySelector(".picker-choices")?.remove();
    clear.hidden = !box.value;
  }

  async function search() {
    request?.abort();
    const { signal } = request = new AbortController();
    const text = box.value.trim();
    if (!text) return close();
    await sleep(DEBOUNCE);
    if (signal.aborted) return;
    const url = `${root.dataset.src}?${new URLSearchParams({ q: text })}`;
    const page = await fetchPart(url, "body", AbortSignal.any([signal, left])).catch(() => null);
    if (signal.aborted || left.aborted) return;
    show([...page?.querySelectorAll("[role=option]") ?? []]);
    const { length } = options();
    announce(status, length ? root.dataset.count.replace("{n}", length) : root.dataset.none);
  }

  // Browsers send no `change` event for a text that a script sets.
  const changed = () => box.dispatchEvent(new Event("change", { bubbles: true }));

  function pick(option) {
    forget();
    choose(option.dataset.id, option.dataset.text);
    changed();
  }

  for (const [attribute, value] of Object.entries({
    role: "combobox", "aria-autocomplete": "list", "aria-controls": list.id, "aria-expanded": "false",
  })) box.setAttribute(attribute, value);
  clear.hidden = !box.value;
  if (root.dataset.name && box.value) {
    choose(box.value, `${root.dataset.name} (${box.value})`);
    // It comes from the server, so it is not an unsaved change.
    box.defaultValue = box.value;
  }

  box.addEventListener("input", () => {
    forget();
    search();
  });
  box.addEventListener("blur", close);
  box.addEventListener("keydown", (event) => {
    if (event.isComposing) return;
    const all = options();
    const from = all.indexOf(selected());
    if (event.key === "ArrowDown" && !all.length) search();
    else if (event.key === "ArrowDown" && all.length) select(all[(from + 1) % all.length]);
    else if (event.key === "ArrowUp" && all.length) select(all[from > 0 ? from - 1 : all.length - 1]);
    else if (event.key === "Enter" && selected()) pick(selected());
    else if (event.key === "Escape" && all.length) close();
    else return;
    event.preventDefault();
    event.stopPropagation();
  });
  // A press on an option would move the focus out of the box.
  list.addEventListener("pointerdown", (event) => event.preventDefault());
  list.addEventListener("click", (event) => {
    const option = event.target.closest("[role=option]");
    if (option) pick(option);
  });
  list.addEventListener("pointermove", (event) => {
    const option = event.target.closest("[role=option]");
    if (option && option !== selected()) select(option);
  });
  clear.addEventListener("click", () => {
    box.value = "";
    forget();
    close();
    changed();
    box.focus();
  });
}
