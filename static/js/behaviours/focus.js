// What needs to be read first gets the focus: the summary of errors.
export default function focus(element) {
  element.focus();
}
