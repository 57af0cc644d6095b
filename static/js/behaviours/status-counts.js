// Shows how many people have each status. The list does not wait for it, and a newer list cancels it.
const PAUSE = 300;

export default async function statusCounts(segments, { signal, fetchPart, sleep }) {
  await sleep(PAUSE);
  if (signal.aborted || !segments.isConnected) return;
  const list = await fetchPart(segments.dataset.src + location.search, ".status-counts", signal).catch(() => null);
  for (const item of list?.children ?? []) {
    segments.querySelector(`[data-count="${item.dataset.status}"]`).replaceChildren(...item.childNodes);
  }
}
