// Polls the badges of the running job until no job runs.
const INTERVAL = 3000;

export default function badge(body, { signal, fetchPart, morph, poll }) {
  function show(slot, fresh) {
    const link = slot.querySelector(".badge");
    if (!fresh) link?.remove();
    else if (link) morph(link, fresh);
    else slot.append(fresh);
  }

  poll(async (attempt) => {
    const fresh = await fetchPart(body.dataset.badge, ".badge", attempt);
    for (const slot of document.querySelectorAll("[data-badge-slot]")) show(slot, fresh?.cloneNode(true));
    return fresh !== null;
  }, { signal, interval: INTERVAL });
}
