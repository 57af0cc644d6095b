// Opens and closes groups of a list in place. The URL always names the open ones. Arrow keys move as in any tree.
export default function tree(results, { signal, fetchPart, morph }) {
  let request;

  async function show(url) {
    request?.abort();
    const current = request = new AbortController();
    try {
      const fresh = await fetchPart(url, "#results", AbortSignal.any([signal, current.signal]));
      if (!fresh) return void location.assign(url);
      history.replaceState(null, "", url.split("#")[0]);
      morph(results.querySelector(".card"), fresh.querySelector(".card"));
    } catch {
      if (!current.signal.aborted) location.assign(url);
    }
  }

  const nameOf = (row) => row?.querySelector("[data-row-link]");

  results.addEventListener("click", (event) => {
    const toggle = event.target.closest("[data-toggle]");
    if (!toggle || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    show(toggle.href);
  });
  results.addEventListener("keydown", (event) => {
    const row = event.target.closest("tbody tr");
    if (!row || event.ctrlKey || event.metaKey || event.altKey) return;
    const toggle = row.querySelector("[data-toggle]");
    const isOpen = toggle?.ariaExpanded === "true";
    const [inward, outward] = document.dir === "rtl" ? ["ArrowLeft", "ArrowRight"] : ["ArrowRight", "ArrowLeft"];
    const target = {
      ArrowDown: () => nameOf(row.nextElementSibling),
      ArrowUp: () => nameOf(row.previousElementSibling) ?? document.querySelector("[data-search]"),
      [inward]: () => (isOpen ? nameOf(row.nextElementSibling) : toggle?.click()),
      [outward]: () => (isOpen ? toggle.click() : nameOf(document.getElementById(row.dataset.parent))),
    }[event.key];
    if (!target) return;
    event.preventDefault();
    target()?.focus();
  });
  results.dataset.tree = "";
}
