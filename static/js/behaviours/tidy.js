// Leaves out of the address what was not filled in.
export default function tidy(form) {
  const empty = () => [...form.elements].filter((field) => field.name && field.value === "");
  form.addEventListener("submit", () => {
    for (const field of empty()) field.disabled = true;
  });
  // Coming back to the page makes them usable again.
  addEventListener("pageshow", () => {
    for (const field of empty()) field.disabled = false;
  });
}
