// Search as you type: fetches the list for what is in the box and swaps #results, keeping focus in the box.
// The address always tells what is shown. A search is one step of the way back, however many letters it took.
const PAUSE = 130;
const BUSY_AFTER = 150;

export default function search(form) {
  const box = form.querySelector("[data-search]");
  const status = document.getElementById("results-status");
  let shown = box.defaultValue.trim();
  let begun = false;
  let here = location.search;
  let timer, request;

  form.dataset.live = "";

  function address() {
    const url = new URL(form.action);
    for (const [name, value] of new FormData(form)) if (value.trim()) url.searchParams.set(name, value.trim());
    return url;
  }

  function busy(on) {
    form.toggleAttribute("data-busy", on);
    document.getElementById("results").setAttribute("aria-busy", on);
  }

  function say(words, look) {
    status.className = look;
    status.textContent = words;
  }

  // The list of `url` in place of the one before; whether it came, and nothing overtook it.
  async function swap(url) {
    request?.abort();
    const mine = (request = new AbortController());
    const late = setTimeout(busy, BUSY_AFTER, true);
    try {
      const response = await fetch(url, { signal: mine.signal, headers: { Accept: "text/html" } });
      const page = new DOMParser().parseFromString(await response.text(), "text/html");
      if (mine !== request) return false;
      const fresh = page.getElementById("results");
      if (!fresh) {
        location.assign(url);
        return false;
      }
      document.getElementById("results").replaceWith(document.adoptNode(fresh));
      say(fresh.dataset.announce, "visually-hidden");
      fresh.dispatchEvent(new Event("rollcall:swapped", { bubbles: true }));
      return true;
    } catch (error) {
      if (error.name !== "AbortError") say(form.dataset.failed, "notice notice-error");
      return false;
    } finally {
      clearTimeout(late);
      if (mine === request) busy(false);
    }
  }

  async function run() {
    clearTimeout(timer);
    const asked = box.value.trim();
    if (asked === shown) return request?.abort();
    const url = address();
    if (!(await swap(url))) return;
    shown = asked;
    history[begun ? "replaceState" : "pushState"]({ search: true }, "", url);
    begun = document.activeElement === box;
    here = location.search;
  }

  box.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(run, PAUSE);
  });
  box.addEventListener("blur", () => { begun = false; });
  box.addEventListener("keydown", (event) => {
    if (event.key === "ArrowDown") document.querySelector("#results tbody a")?.focus();
    if (event.key !== "Escape") return;
    if (box.value) box.value = "";
    else box.blur();
    event.preventDefault();
    run();
  });
  // A press within the list, while it is still that of the letters before.
  document.addEventListener("click", ({ target }) => {
    const link = target.closest("#results a");
    const asked = box.value.trim();
    if (!link || asked === shown || link.pathname !== new URL(form.action).pathname) return;
    const url = new URL(link.href);
    if (asked) url.searchParams.set("q", asked);
    else url.searchParams.delete("q");
    for (const cursor of ["after", "before"]) url.searchParams.delete(cursor);
    link.href = url;
  }, true);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    run();
  });
  addEventListener("popstate", async () => {
    // A step to an anchor of this page is none to another list.
    if (location.search === here) return;
    here = location.search;
    clearTimeout(timer);
    begun = false;
    const asked = new URLSearchParams(location.search).get("q") ?? "";
    box.value = asked;
    shown = null;
    if (await swap(location.href)) shown = asked;
  });
  // Whoever typed before this script was here.
  run();
}
