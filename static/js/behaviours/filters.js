// Loads the form of all filters into its menu when a person points at the menu or opens it. If that fails, the link to
// the page of filters stays.
export default function filters(details, { signal, fetchPart, swap }) {
  const summary = details.querySelector("summary");
  const panel = details.querySelector(".menu-panel");
  const box = document.querySelector("[data-search]");
  let url, loading;

  function load() {
    // The text in the box may be newer than the URL of the page.
    const parameters = new URLSearchParams(location.search);
    parameters.set("q", box.value.trim());
    const wanted = `${details.dataset.src}?${parameters}`;
    if (url !== wanted) loading = show(url = wanted);
    return loading;
  }

  async function show(wanted) {
    const form = await fetchPart(wanted, "#filter-form", signal).catch(() => null);
    // A newer request may have replaced this one.
    if (wanted !== url) return;
    if (form) swap(panel.firstElementChild, form);
    else url = null;
  }

  async function open() {
    if (!details.open) return;
    await load();
    panel.querySelector("input:not([type=hidden])")?.focus();
  }

  for (const event of ["pointerenter", "focusin"]) summary.addEventListener(event, load);
  details.addEventListener("toggle", open);
  // The menu may have been opened before this script was loaded.
  open();
}
