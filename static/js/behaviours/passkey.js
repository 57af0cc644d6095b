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

  function send(credential) {
    form.elements.credential.value = encoded(credential);
    form.submit();
  }
  async function use(more = {}) {
    waiting.abort();
    waiting = new AbortController();
    const request = { publicKey: await options(form, waiting.signal), signal: waiting.signal, ...more };
    send(await navigator.credentials[kind](request));
  }
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    message.hidden = true;
    try {
      await use();
    } catch (error) {
      message.textContent = error.name === "InvalidStateError" ? exists : failed;
      message.hidden = false;
    }
  });
  signal.addEventListener("abort", () => waiting.abort());

  if (autofill === undefined || !(await PublicKeyCredential.isConditionalMediationAvailable?.())) return;
  const offer = () => use({ mediation: "conditional" }).catch(() => {});
  offer();
  const timer = setInterval(offer, RENEW_AFTER);
  signal.addEventListener("abort", () => clearInterval(timer));
}
