// Adds a button that shows the password, and a meter of its length.
export default function password(wrap) {
  const input = wrap.querySelector("input");
  const button = wrap.querySelector("button");
  const meter = document.getElementById(`${input.id}-meter`);

  function reveal(on) {
    input.type = on ? "text" : "password";
    button.ariaPressed = on;
  }
  button.hidden = false;
  button.addEventListener("click", () => reveal(input.type === "password"));
  // Browsers offer to save the content of password fields only.
  input.form?.addEventListener("submit", () => reveal(false));
  if (!meter) return;

  const bar = meter.querySelector("progress");
  const text = meter.querySelector("span");
  const { min, max, ...texts } = { "": text.textContent, ...meter.dataset };

  function measure() {
    const n = [...input.value].length;
    const state = n === 0 ? "" : n < min ? "short" : n > max ? "long" : "done";
    meter.dataset.state = state;
    bar.hidden = !n;
    bar.value = n;
    text.textContent = texts[state].replace("{n}", n).replace("{min}", min).replace("{max}", max);
  }
  input.addEventListener("input", measure);
  measure();
}
