// A click on a row opens the row's link: the first one, or the one with data-row-link. Links, controls and selected text
// keep their own clicks.
export default function clickableRows(results) {
  results.dataset.clickable = "";
  results.addEventListener("click", (event) => {
    if (event.target.closest("a, button, input, label, .col-select") || getSelection().toString()) return;
    const row = event.target.closest("tbody tr");
    const link = row?.querySelector("[data-row-link]") ?? row?.querySelector("a");
    if (!link) return;
    if (event.ctrlKey || event.metaKey) open(link.href, "_blank", "noopener");
    else link.click();
  });
}
