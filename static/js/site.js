// What every page shares. Pages work without it.
import { combobox } from "./combobox.js";

// Menus made of <details>: Escape and a click elsewhere close them.
const close = (menu, focus) => {
  menu.open = false;
  if (focus) menu.querySelector("summary").focus();
};

document.addEventListener("click", (event) => {
  for (const menu of document.querySelectorAll("details[data-menu][open]")) {
    if (!menu.contains(event.target)) close(menu, false);
  }
});

document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  for (const menu of document.querySelectorAll("details[data-menu][open]")) close(menu, menu.contains(document.activeElement));
});

// A slash goes to the search field from anywhere but another field.
const writes = (element) => element?.closest?.("input, textarea, select, [contenteditable]");

document.addEventListener("keydown", (event) => {
  if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey || writes(event.target)) return;
  const field = [...document.querySelectorAll("[data-find]")].find((each) => each.offsetParent !== null);
  if (!field) return;
  event.preventDefault();
  field.focus();
  field.select();
});

for (const field of document.querySelectorAll("input[data-suggest]")) combobox(field);
