// Buttons that fill a date and time: data-for is the ID of its input, data-value of each button what it gets.
export default function datePresets(list) {
  const input = document.getElementById(list.dataset.for);
  list.addEventListener("click", (event) => {
    const button = event.target.closest("button");
    if (!button) return;
    input.value = button.dataset.value;
    input.dispatchEvent(new Event("input", { bubbles: true }));
    input.dispatchEvent(new Event("change", { bubbles: true }));
  });
}
