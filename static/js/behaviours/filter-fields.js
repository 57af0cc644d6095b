// Shows what is chosen in each closed filter of the form, and opens the dates when one chooses them.
export default function filterFields(form) {
  form.addEventListener("change", ({ target }) => {
    const field = target.closest(".filter-field");
    const filled = (selector) => [...field.querySelectorAll(selector)].filter((input) => input.value);
    const chosen = filled("input:checked");
    const typed = filled("input:not([type=checkbox], [type=radio], [type=hidden])");
    const isRange = chosen.some((input) => input.value === "custom");
    const labels = isRange ? [] : chosen.map((input) => input.nextElementSibling.textContent.trim());
    const texts = isRange || !field.querySelector(".filter-bounds") ? typed.map((input) => input.value) : [];
    field.querySelector(".filter-chosen").textContent = [...labels, texts.join(" – ")].filter(Boolean).join(", ");
    if (isRange && target.value === "custom") field.querySelector(".filter-bounds input").focus();
  });
}
