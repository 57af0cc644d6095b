// Keeps the badges of the running job up to date, for as long as there is one.
const EVERY = 3000;
const SLOWEST = 60000;

export default function badge(body) {
  const slots = document.querySelectorAll("[data-badge-slot]");
  let wait = EVERY;

  async function look() {
    if (document.hidden) return document.addEventListener("visibilitychange", look, { once: true });
    try {
      const response = await fetch(body.dataset.badge, { headers: { Accept: "text/html" } });
      if (response.status >= 500) throw new Error(response.status);
      const signedIn = response.ok && !response.redirected;
      const fresh = signedIn && new DOMParser().parseFromString(await response.text(), "text/html").querySelector(".badge");
      for (const slot of slots) show(slot, fresh);
      if (!fresh) return;
      wait = EVERY;
    } catch {
      wait = Math.min(wait * 2, SLOWEST);
    }
    setTimeout(look, wait);
  }

  // The link stays, and with it the focus; what is in it changes.
  function show(slot, fresh) {
    const link = slot.querySelector(".badge");
    if (!fresh) return link?.remove();
    if (!link) return slot.append(document.importNode(fresh, true));
    link.href = fresh.getAttribute("href");
    link.title = fresh.title;
    link.replaceChildren(...document.importNode(fresh, true).childNodes);
  }

  setTimeout(look, wait);
}
