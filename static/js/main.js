// Loads a behaviour only when an element on the page asks for it: data-behaviour="copy".
// The script element names the (versioned) address of each, so that browsers may keep them for long.
const script = document.getElementById("main-script");
const enlivened = new WeakMap();

async function enliven(element, name) {
  const names = enlivened.get(element) ?? new Set();
  if (names.has(name)) return;
  enlivened.set(element, names.add(name));
  const behaviour = await import(script.getAttribute(`data-js-${name}`));
  behaviour.default(element);
}

function scan(root) {
  const elements = [...root.querySelectorAll("[data-behaviour]")];
  if (root.matches?.("[data-behaviour]")) elements.push(root);
  for (const element of elements) {
    for (const name of element.dataset.behaviour.split(" ")) enliven(element, name);
  }
}

document.addEventListener("rollcall:swapped", (event) => scan(event.target));
scan(document);
