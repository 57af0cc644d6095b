// Search as you type: swaps #results for the matches of the text in the box. The URL always names the list on the page.
// One search is one history entry, however many letters were typed.
const DEBOUNCE = 130;
const BUSY_AFTER = 150;

export default function search(form, { signal, fetchPart, swap, announce }) {
  const box = form.querySelector("[data-search]");
  const status = document.getElementById("results-status");
  // The text whose matches are shown; null after a failure.
  let shown = box.defaultValue.trim();
  let query = location.search;
  let hasEntry = false;
  let timer, request;

  const text = () => box.value.trim();

  function setBusy(busy) {
    form.toggleAttribute("data-busy", busy);
    document.getElementById("results").ariaBusy = busy;
  }

  // Returns whether it shows the list of `url` now: it did not fail, and no newer request replaced it.
  async function show(url) {
    request?.abort();
    const current = request = new AbortController();
    const slow = setTimeout(setBusy, BUSY_AFTER, true);
    try {
      const fresh = await fetchPart(url, "#results", AbortSignal.any([signal, current.signal]));
      // The sign-in page and error pages have no list.
      if (!fresh) return void location.assign(url);
      swap(document.getElementById("results"), fresh);
      announce(status, fresh.dataset.announce);
      return true;
    } catch {
      if (!current.signal.aborted) announce(status, form.dataset.failed, "notice notice-error");
    } finally {
      clearTimeout(slow);
      if (current === request) setBusy(false);
    }
  }

  async function run() {
    clearTimeout(timer);
    const searched = text();
    if (searched === shown) return request?.abort();
    const url = new URL(form.action);
    for (const [name, value] of new FormData(form)) if (value.trim()) url.searchParams.set(name, value.trim());
    if (!await show(url)) return;
    shown = searched;
    history[hasEntry ? "replaceState" : "pushState"](null, "", url);
    hasEntry = document.activeElement === box;
    query = location.search;
  }

  form.dataset.enhanced = "";
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    run();
  });
  box.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(run, DEBOUNCE);
  });
  box.addEventListener("blur", () => { hasEntry = false; });
  box.addEventListener("keydown", (event) => {
    if (event.key === "ArrowDown") document.querySelector("#results tbody a")?.focus();
    if (event.key !== "Escape") return;
    if (box.value) box.value = "";
    else box.blur();
    event.preventDefault();
    run();
  });
  // A link of the list may be clicked before the list shows the newest text. It then leads to the list of that text.
  document.addEventListener("click", ({ target }) => {
    const link = target.closest("#results a");
    if (text() === shown || link?.pathname !== new URL(form.action).pathname) return;
    const url = new URL(link.href);
    for (const name of ["q", "after", "before"]) url.searchParams.delete(name);
    if (text()) url.searchParams.set("q", text());
    link.href = url;
  }, { capture: true, signal });
  addEventListener("popstate", async () => {
    // A link to an anchor of this page changes no list.
    if (location.search === query) return;
    query = location.search;
    clearTimeout(timer);
    hasEntry = false;
    shown = null;
    const searched = box.value = new URLSearchParams(query).get("q") ?? "";
    if (await show(location.href)) shown = searched;
  }, { signal });
  // The text may have been typed before this script was loaded.
  run();
}
