// A press anywhere on a row opens the person, unless it is a link or a checkbox, or text is being selected to be copied.
export default function rows(results) {
  results.dataset.clickable = "";
  results.addEventListener("click", (event) => {
    if (event.target.closest("a, button, input, label, .col-pick") || getSelection().toString()) return;
    const link = event.target.closest("tbody tr")?.querySelector("a");
    if (!link) return;
    if (event.ctrlKey || event.metaKey) open(link.href, "_blank", "noopener");
    else link.click();
  });
}
