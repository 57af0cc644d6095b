// Copies data-text to the clipboard and confirms it for a moment. If the browser refuses, shows data-failed.
const CONFIRMED_FOR = 1600;

export default function copy(button) {
  // Only on secure pages.
  button.hidden = !navigator.clipboard;
  const { title, ariaLabel } = button;
  const { text, done, failed } = button.dataset;
  const use = button.querySelector("use");
  const symbol = use.getAttribute("href");
  const refusal = Object.assign(document.createElement("span"), { className: "field-error", role: "alert" });
  let timer;

  function show(labels, href, copied) {
    Object.assign(button, labels);
    use.setAttribute("href", href);
    button.toggleAttribute("data-copied", copied);
  }
  button.addEventListener("click", async () => {
    refusal.remove();
    try {
      await navigator.clipboard.writeText(text);
    } catch {
      refusal.textContent = failed;
      button.parentElement.append(refusal);
      return;
    }
    show({ title: done, ariaLabel: done }, symbol.replace(/#.*/, "#check"), true);
    clearTimeout(timer);
    timer = setTimeout(show, CONFIRMED_FOR, { title, ariaLabel }, symbol, false);
  });
}
