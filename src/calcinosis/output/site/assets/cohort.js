"use strict";
// A sheet may be dropped on the page, and what a word may have meant is put into its box at once;
// everything works without a script.
(() => {
const form = document.getElementById("choose"), place = form.querySelector(".drop");
const field = form.elements.file, button = form.querySelector("button[value=map]");
const over = (is) => place.classList.toggle("over", is);
document.addEventListener("dragover", (event) => {
  if (![...event.dataTransfer.types].includes("Files")) return;
  event.preventDefault();
  over(true);
});
document.addEventListener("dragleave", (event) => { if (!event.relatedTarget) over(false); });
document.addEventListener("drop", (event) => {
  event.preventDefault();
  over(false);
  if (!event.dataTransfer.files.length) return;
  field.files = event.dataTransfer.files;
  form.requestSubmit(button);
});
document.addEventListener("submit", (event) => {
  const pressed = event.submitter;
  if (pressed?.name !== "put") return;
  event.preventDefault();
  const [name, words] = JSON.parse(pressed.value), box = event.target.elements[name];
  box.value = words;
  box.focus();
});
})();
