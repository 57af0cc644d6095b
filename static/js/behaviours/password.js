// A password can be shown, and says how long it is as it is typed. Pasting is never hindered.
export default function password(wrap) {
  const input = wrap.querySelector("input");
  const button = wrap.querySelector("button");
  const meter = document.getElementById(`${input.id}-meter`);

  function reveal(on) {
    input.type = on ? "text" : "password";
    button.setAttribute("aria-pressed", on);
  }
  button.hidden = false;
  button.addEventListener("click", () => reveal(input.type === "password"));
  input.form?.addEventListener("submit", () => reveal(false));
  if (!meter) return;

  const bar = meter.querySelector("progress");
  const text = meter.querySelector("span");
  const rule = text.textContent;
  const { min, max, short, done, long } = meter.dataset;

  function measure() {
    const n = [...input.value].length;
    const state = n === 0 ? "" : n < min ? "short" : n > max ? "long" : "done";
    const words = { "": rule, short, done, long }[state];
    meter.dataset.state = state;
    bar.hidden = !n;
    bar.value = n;
    text.textContent = words.replace("{n}", n).replace("{min}", min).replace("{max}", max);
  }
  input.addEventListener("input", measure);
  measure();
}
