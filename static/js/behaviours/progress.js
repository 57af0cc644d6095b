// Polls the page of a running job and morphs #job. It ends when the page no longer names this behaviour.
const INTERVAL = 1000;

export default function progress(part, { signal, fetchPart, morph, poll, announce }) {
  const status = document.getElementById("job-status");
  const leaving = new AbortController();
  const failed = () => status.matches(".notice");

  async function check(attempt) {
    const fresh = await fetchPart(location.href, "#job", attempt);
    if (!fresh) return location.reload();
    fresh.querySelector("#job-reload")?.remove();
    const before = part.dataset.announce;
    const focused = part.contains(document.activeElement);
    morph(part, fresh);
    if (failed() || part.dataset.announce !== before) announce(status, part.dataset.announce);
    if (focused && !part.contains(document.activeElement)) part.focus();
  }

  part.querySelector("#job-reload")?.remove();
  // A form of this part leads to another page. An update in between could remove the button that was pressed.
  part.addEventListener("submit", () => leaving.abort());
  poll(check, {
    signal: AbortSignal.any([signal, leaving.signal]),
    interval: INTERVAL,
    // Once, or screen readers would read it out after every attempt.
    onError: () => failed() || announce(status, part.dataset.failed, "notice notice-warn"),
  });
}
