// Fetches the saved views with how many people are in each; kept in this tab, so that not every page counts anew.
const KEPT = 60_000;

export default async function views(slot) {
  const key = `rollcall.views ${slot.closest("[data-key]").dataset.key}`;
  const kept = read();
  if (kept) show(kept.html);
  // Whatever was just changed may have changed the counts too.
  if (kept && Date.now() - kept.at < KEPT && !document.querySelector(".notice-success")) return;
  try {
    const response = await fetch(slot.dataset.src, { headers: { Accept: "text/html" } });
    if (!response.ok || response.redirected) return;
    const html = await response.text();
    show(html);
    sessionStorage.setItem(key, JSON.stringify({ html, at: Date.now() }));
  } catch { /* The links of the page Views are there without it. */ }

  function read() {
    try { return JSON.parse(sessionStorage.getItem(key)); } catch { return null; }
  }
  function show(html) {
    const list = new DOMParser().parseFromString(html, "text/html").querySelector("ul");
    const here = new URLSearchParams(location.search).get("view");
    for (const link of list.querySelectorAll("a")) {
      if (here && new URL(link.href).searchParams.get("view") === here) link.setAttribute("aria-current", "true");
    }
    slot.replaceChildren(document.adoptNode(list));
  }
}
