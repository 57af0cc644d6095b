// Starts the behaviours that the page names, such as data-behaviour="copy". Each is one file with one function. It gets
// the element, an AbortSignal and the functions of swap.js. The signal is aborted when the element leaves the page.
// Listeners on the window, the document or other elements must be added with it.
//
// The script element holds the versioned URL of each file. A static import has no version: browsers would ask again for
// the file on every page.
const script = document.getElementById("main-script");
const load = (name) => import(script.getAttribute(`data-js-${name}`));
let running = [];

const isNamed = ({ element, name }) => element.isConnected && element.matches(`[data-behaviour~="${name}"]`);

async function start(element, name) {
  const controller = new AbortController();
  running.push({ element, name, controller });
  const [behaviour, helpers] = await Promise.all([load(name), load("swap")]);
  if (!controller.signal.aborted) behaviour.default(element, { signal: controller.signal, ...helpers });
}

function update() {
  for (const { controller } of running.filter((each) => !isNamed(each))) controller.abort();
  running = running.filter(isNamed);
  for (const element of document.querySelectorAll("[data-behaviour]")) {
    for (const name of element.dataset.behaviour.split(" ")) {
      if (!running.some((each) => each.element === element && each.name === name)) start(element, name);
    }
  }
}

document.addEventListener("rollcall:swapped", update);
update();
