// Copies data-text to the clipboard and confirms it for a moment.
const CONFIRMED_FOR = 1600;

export default function copy(button) {
  // Only on secure pages.
  button.hidden = !navigator.clipboard;
  const label = button.title;
  const use = button.querySelector("use");
  const symbol = use.getAttribute("href");
  let timer;

  function show(text, href, copied) {
    button.ariaLabel = button.title = text;
    use.setAttribute("href", href);
    button.toggleAttribute("data-copied", copied);
  }
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(button.dataset.text);
    show(button.dataset.done, symbol.replace(/#.*/, "#check"), true);
    clearTimeout(timer);
    timer = setTimeout(show, CONFIRMED_FOR, label, symbol, false);
  });
}
