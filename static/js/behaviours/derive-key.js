// Fills in the key of a new attribute while its name is typed, until someone types a key.
const DEBOUNCE = 150;

export default function deriveKey(root, { sleep, signal: left }) {
  const key = root.querySelector("input");
  const { label_en: english, label_ru: russian } = key.form.elements;
  let proposed = "";
  let request;

  async function propose() {
    request?.abort();
    const { signal } = request = new AbortController();
    if (key.value && key.value !== proposed) return;
    await sleep(DEBOUNCE);
    if (signal.aborted || left.aborted) return;
    const url = `${root.dataset.src}?${new URLSearchParams({ name: english.value || russian.value })}`;
    const response = await fetch(url, { signal }).catch(() => null);
    // Without an answer, the server derives the key when the form is sent.
    const text = response?.ok && !response.redirected ? await response.text() : "";
    if (!signal.aborted && (!key.value || key.value === proposed)) key.value = proposed = text;
  }

  for (const name of [english, russian]) name.addEventListener("input", propose, { signal: left });
  root.toggleAttribute("data-enhanced", true);
}
