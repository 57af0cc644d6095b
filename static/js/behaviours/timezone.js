// Shows the form that proposes the time zone of the browser, unless it is UTC.
export default function timezone(form) {
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  if (!zone?.includes("/") || zone.startsWith("Etc/")) return;
  const use = form.querySelector("[data-label]");
  use.value = zone;
  use.textContent = use.dataset.label.replace("{zone}", zone.replaceAll("_", " "));
  form.hidden = false;
}
