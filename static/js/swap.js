// The functions that main.js passes to every behaviour. Most fetch parts of pages and put them into this page.
const TIMEOUT = 10_000;
const MAX_DELAY = 30_000;

// Returns the element that matches `selector` on the page at `url`. Returns null if the server refuses (4xx) or the page
// has no match, as after a sign-out. Throws if there is no answer, on a server error (5xx) and on abort.
export async function fetchPart(url, selector, signal) {
  const response = await fetch(url, { signal, headers: { Accept: "text/html" } });
  if (response.status >= 500) throw new Error(`Status ${response.status}: ${url}`);
  const page = new DOMParser().parseFromString(await response.text(), "text/html");
  signal.throwIfAborted();
  return response.ok ? page.querySelector(selector) : null;
}

export function swap(old, fresh) {
  old.replaceWith(fresh);
  document.dispatchEvent(new Event("rollcall:swapped"));
}

// Changes `old` in place until it equals `fresh`, so that focus, selection and pointer stay on their elements.
export function morph(old, fresh) {
  morphNode(old, fresh);
  document.dispatchEvent(new Event("rollcall:swapped"));
}

function morphNode(old, fresh) {
  if (old.isEqualNode(fresh)) return;
  // An element with another id is another thing: it must not inherit the focus.
  if (old.nodeName !== fresh.nodeName || old.id !== fresh.id) return old.replaceWith(fresh);
  if (old.nodeType !== Node.ELEMENT_NODE) return void (old.data = fresh.data);
  for (const { name } of [...old.attributes]) if (!fresh.hasAttribute(name)) old.removeAttribute(name);
  for (const { name, value } of fresh.attributes) if (old.getAttribute(name) !== value) old.setAttribute(name, value);
  const before = [...old.childNodes];
  const after = [...fresh.childNodes];
  after.forEach((node, index) => (before[index] ? morphNode(before[index], node) : old.append(node)));
  for (const extra of before.slice(after.length)) extra.remove();
}

// Calls `check` every `interval` ms while the page is visible, until `signal` is aborted or `check` returns false.
// `check` gets a signal that also times out. If it throws, `onError` is called and the delay doubles.
export async function poll(check, { signal, interval, onError }) {
  let delay = interval;
  while (true) {
    await sleep(delay);
    if (document.hidden) {
      await new Promise((done) => document.addEventListener("visibilitychange", done, { once: true }));
    }
    if (signal.aborted) return;
    try {
      if (await check(AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT)])) === false) return;
      delay = interval;
    } catch {
      if (!signal.aborted) onError?.();
      delay = Math.min(delay * 2, MAX_DELAY);
    }
  }
}

export const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

// Returns the key of a keyboard event. If the layout is of another alphabet, such as Cyrillic, returns the Latin letter at
// the place of the key. Without Shift, letters are small, also with Caps Lock.
export function latinKey({ key, code, shiftKey }) {
  const isForeign = /^(?!\p{Script=Latin})\p{L}$/u.test(key);
  const letter = isForeign ? /^Key(.)$/.exec(code)?.[1].toLowerCase() ?? key : key;
  return shiftKey ? letter : letter.toLowerCase();
}

// Screen readers read out the text of a status element when it is set.
export function announce(status, text, className = "visually-hidden") {
  status.className = className;
  status.textContent = text;
}
