// Search as you type: fetches the list for what is in the box and swaps #results, keeping focus in the box.
const PAUSE = 130;
const BUSY_AFTER = 150;

export default function search(form) {
  const box = form.querySelector("[data-search]");
  const status = document.getElementById("results-status");
  let shown = box.value.trim();
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

  async function run() {
    clearTimeout(timer);
    if (box.value.trim() === shown) return;
    const asked = box.value.trim();
    request?.abort();
    const mine = (request = new AbortController());
    const late = setTimeout(busy, BUSY_AFTER, true);
    try {
      const url = address();
      const response = await fetch(url, { signal: mine.signal, headers: { Accept: "text/html" } });
      const page = new DOMParser().parseFromString(await response.text(), "text/html");
      const fresh = page.getElementById("results");
      if (!fresh) return location.assign(url);
      document.getElementById("results").replaceWith(document.adoptNode(fresh));
      shown = asked;
      history.replaceState(null, "", url);
      say(fresh.dataset.announce, "visually-hidden");
      fresh.dispatchEvent(new Event("rollcall:swapped", { bubbles: true }));
    } catch (error) {
      if (error.name !== "AbortError") say(form.dataset.failed, "notice notice-error");
    } finally {
      clearTimeout(late);
      if (mine === request) busy(false);
    }
  }

  box.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(run, PAUSE);
  });
  box.addEventListener("keydown", (event) => {
    if (event.key === "ArrowDown") document.querySelector("#results tbody a")?.focus();
    if (event.key !== "Escape") return;
    if (box.value) box.value = "";
    else box.blur();
    event.preventDefault();
    run();
  });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    run();
  });
}
