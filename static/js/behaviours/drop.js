// A file can be dropped anywhere on the page. The form is sent as soon as a file is chosen.
export default function drop(zone, { signal }) {
  const input = zone.querySelector("[type=file]");
  let depth = 0;

  const hasFile = (event) => event.dataTransfer?.types.includes("Files");
  const mark = (over) => zone.toggleAttribute("data-over", over);
  const send = () => input.files.length && input.form.requestSubmit();

  document.addEventListener("dragenter", (event) => {
    if (!hasFile(event)) return;
    depth += 1;
    mark(true);
  }, { signal });
  document.addEventListener("dragleave", (event) => {
    if (!hasFile(event)) return;
    depth = Math.max(0, depth - 1);
    mark(depth > 0);
  }, { signal });
  document.addEventListener("dragover", (event) => hasFile(event) && event.preventDefault(), { signal });
  document.addEventListener("drop", (event) => {
    if (!hasFile(event)) return;
    event.preventDefault();
    depth = 0;
    mark(false);
    input.files = event.dataTransfer.files;
    send();
  }, { signal });
  input.addEventListener("change", send, { signal });
}
