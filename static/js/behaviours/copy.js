// Copies data-text and says so for a moment.
export default function copy(button) {
  if (!navigator.clipboard) return;
  const label = button.getAttribute("aria-label");
  const use = button.querySelector("use");
  const symbol = use.getAttribute("href");
  let timer;

  function say(words, name, done) {
    button.setAttribute("aria-label", words);
    button.title = words;
    use.setAttribute("href", name);
    button.toggleAttribute("data-copied", done);
  }
  button.hidden = false;
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(button.dataset.text);
    say(button.dataset.done, symbol.replace(/#.*/, "#check"), true);
    clearTimeout(timer);
    timer = setTimeout(say, 1600, label, symbol, false);
  });
}
