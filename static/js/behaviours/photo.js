// Shows the chosen picture, and makes it small before it is sent: phones take photos of several megabytes. Pictures that
// the browser cannot read are sent as they are, and the server says what is wrong.
const SIDE = 512;

async function drawn(file) {
  const picture = await createImageBitmap(file);
  const side = Math.min(picture.width, picture.height);
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = Math.min(side, SIDE);
  const context = canvas.getContext("2d");
  context.fillStyle = "white";
  context.fillRect(0, 0, canvas.width, canvas.height);
  const [left, top] = [(picture.width - side) / 2, (picture.height - side) / 2];
  context.drawImage(picture, left, top, side, side, 0, 0, canvas.width, canvas.height);
  picture.close();
  return canvas;
}

export default function photo(card) {
  const input = card.querySelector("[type=file]");
  const shown = card.querySelector("[data-photo-shown]");

  card.toggleAttribute("data-enhanced", true);

  input.addEventListener("change", async () => {
    const file = input.files[0];
    if (!file) return;
    try {
      const canvas = await drawn(file);
      const content = await new Promise((done) => canvas.toBlob(done, "image/jpeg", 0.92));
      if (input.files[0] !== file || !content) return;
      const chosen = new DataTransfer();
      chosen.items.add(new File([content], `${file.name.replace(/\.\w+$/, "")}.jpg`, { type: "image/jpeg" }));
      input.files = chosen.files;
      canvas.className = "avatar avatar-large";
      shown.firstElementChild.replaceWith(canvas);
    } catch {
      // Sent as it is.
    }
  });
}
