// Shows the saved views in the navigation, each with its number of people. Kept in this tab for a minute, because
// counting costs a query a view.
const MAX_AGE = 60_000;

export default async function savedViews(slot, { signal, fetchPart }) {
  const key = `rollcall.views ${slot.closest("[data-key]").dataset.key}`;
  const cached = read();
  if (cached) show(cached.html);
  // A success notice reports a change, which may have changed the counts.
  if (cached && Date.now() - cached.at < MAX_AGE && !document.querySelector(".notice-success")) return;
  // If this fails, the link to the page of views is there.
  const list = await fetchPart(slot.dataset.src, ".side-views", signal).catch(() => null);
  if (!list) return;
  const { outerHTML: html } = list;
  show(html);
  try { sessionStorage.setItem(key, JSON.stringify({ html, at: Date.now() })); } catch { /* No storage. */ }

  function read() {
    try { return JSON.parse(sessionStorage.getItem(key)); } catch { return null; }
  }
  function show(html) {
    slot.innerHTML = html;
    const shown = new URLSearchParams(location.search).get("view");
    for (const link of slot.querySelectorAll("a")) {
      if (shown && new URL(link.href).searchParams.get("view") === shown) link.setAttribute("aria-current", "true");
    }
  }
}
