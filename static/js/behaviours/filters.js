// Fetches the form of all filters into its menu once somebody wants it, for the list as it is then.
export default function filters(details) {
  const panel = details.querySelector(".menu-panel");
  const box = document.querySelector("[data-search]");
  let of = null;

  // What is searched for may be newer than the form.
  function renew(parameters) {
    const q = box.value.trim();
    if (q) parameters.set("q", q);
    else parameters.delete("q");
  }

  async function load() {
    const query = location.search;
    if (of === query) return;
    of = query;
    try {
      const response = await fetch(details.dataset.src + query, { headers: { Accept: "text/html" } });
      const form = new DOMParser().parseFromString(await response.text(), "text/html").getElementById("filter-form");
      if (!form) throw new Error("no form");
      panel.replaceChildren(document.adoptNode(form));
      form.addEventListener("formdata", ({ formData }) => renew(formData));
      form.dispatchEvent(new Event("rollcall:swapped", { bubbles: true }));
      if (details.open) form.querySelector("select, input:not([type=hidden])").focus();
    } catch {
      // The link to the page of filters stays, or comes with the next try.
      of = null;
    }
  }

  for (const event of ["pointerenter", "focusin"]) details.querySelector("summary").addEventListener(event, load);
  async function toggled() {
    if (!details.open) return;
    await load();
    panel.querySelector("select, input:not([type=hidden])")?.focus();
  }

  panel.addEventListener("click", ({ target }) => {
    const link = target.closest("a");
    if (!link) return;
    const url = new URL(link.href);
    renew(url.searchParams);
    link.href = url;
  });
  details.addEventListener("toggle", toggled);
  // Whoever opened it before this script was here.
  toggled();
}
