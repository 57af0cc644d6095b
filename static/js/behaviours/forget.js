// Removes what the browser remembers of a session that has ended: selected people, saved views, what was opened lately.
// Sessions end on this page.
const RECENT = "rollcall.recent.";

export default function forget() {
  try {
    for (const key of Object.keys(localStorage)) if (key.startsWith(RECENT)) localStorage.removeItem(key);
    sessionStorage.clear();
  } catch { /* No storage. */ }
}
