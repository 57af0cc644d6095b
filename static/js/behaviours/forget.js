// Removes what the tab remembers of a session that has ended: selected people, saved views. Sessions end on this page.
export default function forget() {
  try { sessionStorage.clear(); } catch { /* No storage. */ }
}
