// A click on a row opens the row's link. Links, controls and selected text keep their own clicks.
export default function clickableRows(results) {
  results.dataset.clickable = "";
  results.addEventListener("click", (event) => {
    if (event.target.closest("a, button, input, label, .col-select") || getSelection().toString()) return;
    const link = event.target.closest("tbody tr")?.querySelector("a");
    if (!link) return;
    if (event.ctrlKey || event.metaKey) open(link.href, "_blank", "noopener");
    else link.click();
  });
}
