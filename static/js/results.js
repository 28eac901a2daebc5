// Results by keyboard, and a note of which rank was opened: of the search, not of the person.
const links = () => [...document.querySelectorAll("[data-hits] h3 a")];
const writes = (element) => element.closest("input, textarea, select, [contenteditable]");

document.addEventListener("keydown", (event) => {
  const by = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (!by || event.altKey || event.ctrlKey || event.metaKey || event.shiftKey || event.defaultPrevented) return;
  const field = writes(event.target);
  if (field && !(field.matches("[data-find]") && by === 1)) return;
  const found = links();
  const place = found.indexOf(document.activeElement);
  if (!found.length || (place < 0 && by < 0)) return;
  event.preventDefault();
  if (place + by < 0) document.querySelector("[data-find]").focus();
  else found[Math.min(place + by, found.length - 1)].focus();
});

const note = (event) => {
  const link = event.target.closest("[data-hits] h3 a");
  const listing = link?.closest("[data-noted]");
  const token = document.querySelector("input[name=csrfmiddlewaretoken]");
  if (!listing || !token) return;
  const body = new FormData();
  body.set("csrfmiddlewaretoken", token.value);
  body.set("key", listing.dataset.noted);
  body.set("rank", String(links().indexOf(link) + Number(link.closest("[data-hits]").dataset.first)));
  navigator.sendBeacon(listing.dataset.noting, body);
};

document.addEventListener("click", note);
document.addEventListener("auxclick", note);
