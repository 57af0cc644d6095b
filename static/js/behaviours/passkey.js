// Signs in with a passkey, or creates one, and sends the browser's answer with the form.
// data-autofill: browsers also offer passkeys in the field whose autocomplete contains "webauthn".

// Challenges are valid for ten minutes.
const RENEW_AFTER = 8 * 60 * 1000;

const bytes = (text) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (c) => c.charCodeAt(0));
const text = (buffer) =>
  btoa(String.fromCharCode(...new Uint8Array(buffer))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
const decoded = (credentials = []) => credentials.map((each) => ({ ...each, id: bytes(each.id) }));

async function options(form, signal) {
  const answer = await fetch(form.dataset.options, { headers: { Accept: "application/json" }, signal });
  const found = await answer.json();
  found.challenge = bytes(found.challenge);
  if (found.user) found.user.id = bytes(found.user.id);
  if (found.excludeCredentials) found.excludeCredentials = decoded(found.excludeCredentials);
  if (found.allowCredentials) found.allowCredentials = decoded(found.allowCredentials);
  return found;
}

// Not toJSON(): extensions that replace the browser's own passkeys lack it.
function encoded({ id, rawId, type, response }) {
  const names = ["clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"];
  const parts = names.filter((name) => response[name]).map((name) => [name, text(response[name])]);
  return JSON.stringify({ id, rawId: text(rawId), type, response: Object.fromEntries(parts) });
}

export default async function passkey(form, { signal }) {
  form.hidden = !window.PublicKeyCredential;
  if (form.hidden) return;
  const { kind, autofill, failed, exists } = form.dataset;
  const message = form.querySelector("[role=alert]");
  let waiting = new AbortController();
  let timer;

  // A new request aborts the one before: browsers allow only one.
  async function use(more = {}) {
    waiting.abort();
    waiting = new AbortController();
    const { signal } = waiting;
    const credential = await navigator.credentials[kind]({ publicKey: await options(form, signal), signal, ...more });
    form.elements.credential.value = encoded(credential);
    form.submit();
  }
  const offer = () => use({ mediation: "conditional" }).catch(() => {});
  async function keepOffering() {
    const before = waiting;
    if (autofill === undefined || !(await PublicKeyCredential.isConditionalMediationAvailable?.())) return;
    // The button was pressed meanwhile, or the form has left the page.
    if (waiting !== before || signal.aborted) return;
    offer();
    timer = setInterval(offer, RENEW_AFTER);
  }
  function stop() {
    clearInterval(timer);
    waiting.abort();
  }

  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    message.hidden = true;
    stop();
    try {
      await use();
    } catch (error) {
      // The button was pressed again.
      if (error.name === "AbortError") return;
      message.textContent = error.name === "InvalidStateError" ? exists : failed;
      message.hidden = false;
      keepOffering();
    }
  });
  signal.addEventListener("abort", stop);
  keepOffering();
}
