// Asks the server, while a new password is typed, whether it is easy to guess. The element is the meter of its length.
const PAUSE = 400;
const PERSONAL = ["name", "email", "username"];

export default function passwordStrength(meter, { signal }) {
  const input = document.getElementById(meter.id.replace(/-meter$/, ""));
  const text = meter.querySelector("span");
  let timer, running;

  async function check() {
    const { form } = input;
    const body = new FormData();
    body.append("csrf_token", form.elements.csrf_token.value);
    body.append("password", input.value);
    body.append("minimum", meter.dataset.min);
    for (const name of PERSONAL) body.append(name, form.elements[name]?.value ?? "");
    running = new AbortController();
    try {
      const response = await fetch(meter.dataset.check, { method: "POST", body, signal: running.signal });
      if (!response.ok) return;
      const { problem } = await response.json();
      if (!problem) return;
      meter.dataset.state = "weak";
      text.textContent = problem;
    } catch {
      // The form is checked again when it is sent.
    }
  }

  function stop() {
    clearTimeout(timer);
    running?.abort();
  }

  function wait() {
    stop();
    if ([...input.value].length >= meter.dataset.min) timer = setTimeout(check, PAUSE);
  }
  input.addEventListener("input", wait, { signal });
  // Saving a password replaces the session: a later check would be refused.
  input.form.addEventListener("submit", stop, { signal });
}
