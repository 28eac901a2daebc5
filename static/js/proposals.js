// Answering proposals with one key: each is a stop of Tab; Y codes, N refuses, arrows go on. Keys by their place, in any layout.
const list = [...document.querySelectorAll("[data-proposal]")];
const ANSWERS = { KeyY: "accept", KeyN: "refuse" };
const STEPS = { ArrowDown: 1, ArrowUp: -1 };

const said = document.querySelector("[data-keys]");
if (said) said.hidden = false;

for (const [place, item] of list.entries()) {
  item.tabIndex = 0;
  item.setAttribute("aria-keyshortcuts", "Y N");
  item.addEventListener("keydown", (event) => {
    if (event.target !== item || event.ctrlKey || event.metaKey || event.altKey) return;
    const act = ANSWERS[event.code];
    const step = STEPS[event.key];
    if (act) {
      event.preventDefault();
      item.querySelector(`button[value=${act}]`).click();
    } else if (step) {
      event.preventDefault();
      list[Math.min(list.length - 1, Math.max(0, place + step))].focus();
    }
  });
}

// After an answer the page comes back here: the next one is ready. The browser goes to the address first, so wait for it.
if (location.hash === "#proposals" && list.length) {
  const ready = () => setTimeout(() => list[0].focus());
  if (document.readyState === "complete") ready();
  else addEventListener("load", ready);
}
