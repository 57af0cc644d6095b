// Disables a button for the first seconds of the page, and counts them down.
export default function wait(button, { signal }) {
  const text = button.textContent;
  const until = performance.now() + button.dataset.seconds * 1000;

  function tick() {
    const left = Math.ceil((until - performance.now()) / 1000);
    button.disabled = left > 0;
    button.textContent = left > 0 ? button.dataset.waiting.replace("{n}", left) : text;
    if (left <= 0) clearInterval(timer);
  }
  const timer = setInterval(tick, 1000);
  signal.addEventListener("abort", () => clearInterval(timer));
  tick();
}
