// Closes a <details> menu on Escape, on a press elsewhere, and when the focus leaves it.
export default function menu(details, { signal }) {
  const close = () => details.removeAttribute("open");

  addEventListener("pointerdown", (event) => {
    if (!details.contains(event.target)) close();
  }, { signal });
  details.addEventListener("focusout", (event) => {
    if (event.relatedTarget && !details.contains(event.relatedTarget)) close();
  });
  details.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || !details.open) return;
    event.preventDefault();
    close();
    details.querySelector("summary").focus();
  });
}
