// Asks before people leave a form that they changed and did not send. data-unsaved: it already holds unsaved values.
export default function unsaved(form, { signal }) {
  let sent = false;

  function isChanged(element) {
    if (element.type === "hidden" || element.disabled || !element.name) return false;
    if (element.type === "checkbox" || element.type === "radio") return element.checked !== element.defaultChecked;
    // Buttons have no default value.
    if (!element.options) return "defaultValue" in element && element.value !== element.defaultValue;
    const preset = [...element.options].find((option) => option.defaultSelected) ?? element.options[0];
    return element.value !== preset?.value;
  }
  form.addEventListener("submit", (event) => { sent ||= !event.defaultPrevented; });
  // The Back button may restore the page as it was left.
  addEventListener("pageshow", () => { sent = false; }, { signal });
  addEventListener("beforeunload", (event) => {
    const hasChanges = "unsaved" in form.dataset || [...form.elements].some(isChanged);
    if (!sent && hasChanges) event.preventDefault();
  }, { signal });
}
