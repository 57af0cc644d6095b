// Follows a job while it lives: fetches this page every second and changes what differs, in place, so that nothing is
// pulled from under a pointer, a selection or the focus. Rarely while nobody looks, more and more rarely while it fails.
const EVERY = 1000;
const UNSEEN = 15000;
const SLOWEST = 30000;
const PATIENCE = 10000;

export default function progress(part) {
  const status = document.getElementById("job-status");
  let wait = EVERY;
  let over = part.dataset.live !== "true";
  let timer;

  function say(words, look) {
    status.className = look;
    if (status.textContent !== words) status.textContent = words;
  }

  function next() {
    clearTimeout(timer);
    if (!over) timer = setTimeout(look, document.hidden ? Math.max(wait, UNSEEN) : wait);
  }

  async function look() {
    try {
      const response = await fetch(location.href, { headers: { Accept: "text/html" }, signal: AbortSignal.timeout(PATIENCE) });
      if (response.status >= 500) throw new Error(response.status);
      const page = new DOMParser().parseFromString(await response.text(), "text/html");
      if (over) return;
      const fresh = page.getElementById("job");
      if (!fresh) return location.reload();
      show(fresh);
      wait = EVERY;
    } catch {
      if (over) return;
      say(part.dataset.failed, "notice notice-warn");
      wait = Math.min(wait * 2, SLOWEST);
    }
    next();
  }

  function show(fresh) {
    const before = part.dataset.announce;
    const held = part.contains(document.activeElement);
    fresh.querySelector("#job-reload")?.remove();
    become(part, fresh);
    if (part.dataset.announce !== before) say(part.dataset.announce, "visually-hidden");
    else if (status.className !== "visually-hidden") say("", "visually-hidden");
    if (held && !part.contains(document.activeElement)) part.focus();
    over = part.dataset.live !== "true";
    part.dispatchEvent(new Event("rollcall:swapped", { bubbles: true }));
  }

  part.querySelector("#job-reload")?.remove();
  // Whoever cancels leaves the page: what is shown must not change once more before.
  part.addEventListener("submit", () => { over = true; });
  document.addEventListener("visibilitychange", next);
  next();
}

// Makes one node like another; what stands for something else, by its name or id, is replaced.
function become(old, fresh) {
  if (old.nodeName !== fresh.nodeName || old.id !== fresh.id) return old.replaceWith(fresh);
  if (old.isEqualNode(fresh)) return;
  if (old.nodeType !== Node.ELEMENT_NODE) return void (old.data = fresh.data);
  for (const { name } of [...old.attributes]) if (!fresh.hasAttribute(name)) old.removeAttribute(name);
  for (const { name, value } of fresh.attributes) if (old.getAttribute(name) !== value) old.setAttribute(name, value);
  const is = [...old.childNodes];
  const should = [...fresh.childNodes];
  should.forEach((node, at) => (is[at] ? become(is[at], node) : old.append(node)));
  for (const extra of is.slice(should.length)) extra.remove();
}
