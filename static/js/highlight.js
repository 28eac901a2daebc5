// Choosing a passage of a story to code it: with the mouse, by touch, with the keyboard. What is chosen is a link.
const bar = document.querySelector("[data-code-bar]");
const go = bar.querySelector("[data-go]");
const shown = bar.querySelector("[data-chosen]");
const LONGEST = 90; // characters of the passage in the bar

const holder = (node) => (node?.nodeType === Node.TEXT_NODE ? node.parentElement : node)?.closest?.("[data-text]") ?? null;
const runs = (text) => [...text.querySelectorAll("[data-at]")];

// The place in the block's text of a point of the page. Typography may shorten a run; then its edge is taken.
const place = (run, offset) => {
  const at = Number(run.dataset.at);
  const length = Number(run.dataset.n);
  if (run.textContent.length === length) return at + Math.min(offset, length);
  return offset * 2 < run.textContent.length ? at : at + length;
};

// What a range covers of one block: {block, start, end, words}, or null.
const covered = (range) => {
  const text = holder(range.startContainer) ?? holder(range.endContainer);
  if (!text) return null;
  const edges = [];
  const said = [];
  for (const run of runs(text)) {
    if (!range.intersectsNode(run)) continue;
    const inside = document.createRange();
    inside.selectNodeContents(run);
    if (range.compareBoundaryPoints(Range.START_TO_START, inside) > 0) inside.setStart(range.startContainer, range.startOffset);
    const before = document.createRange();
    before.selectNodeContents(run);
    before.setEnd(inside.startContainer, inside.startOffset);
    if (range.compareBoundaryPoints(Range.END_TO_END, inside) < 0) inside.setEnd(range.endContainer, range.endOffset);
    const from = before.toString().length;
    const words = inside.toString();
    if (!words.length) continue;
    edges.push(place(run, from), place(run, from + words.length));
    said.push(words);
  }
  if (!edges.length) return null;
  const start = Math.min(...edges);
  const end = Math.max(...edges);
  const words = said.join("").trim();
  return end > start && words ? { block: text.dataset.text, start, end, words } : null;
};

const offer = () => {
  const selection = document.getSelection();
  const chosen = selection.rangeCount && !selection.isCollapsed ? covered(selection.getRangeAt(0)) : null;
  bar.hidden = !chosen;
  if (!chosen) return;
  const { block, start, end, words } = chosen;
  go.href = `${bar.dataset.address}?${new URLSearchParams({ block, start, end })}`;
  shown.textContent = words.length > LONGEST ? `${words.slice(0, LONGEST)}…` : words;
};

let waiting;
document.addEventListener("selectionchange", () => {
  clearTimeout(waiting);
  waiting = setTimeout(offer, 120);
});
bar.querySelector("[data-no]").addEventListener("click", () => {
  document.getSelection().removeAllRanges();
  bar.hidden = true;
});

// With the keyboard each block is one stop of Tab; arrows choose sentences, Shift adds, Enter codes, Escape leaves.
const ENDS = /[.!?…]["»”’)\]]*$/;
const sentences = (text) => {
  const found = [];
  let open = null;
  for (const run of runs(text)) {
    if (!run.textContent.trim()) continue;
    if (open && open.parent === run.parentElement) open.last = run;
    else found.push((open = { first: run, last: run, parent: run.parentElement }));
    if (ENDS.test(run.textContent.trim())) open = null;
  }
  return found;
};

const choose = (list, from, to) => {
  const range = document.createRange();
  range.setStartBefore(list[Math.min(from, to)].first);
  range.setEndAfter(list[Math.max(from, to)].last);
  const selection = document.getSelection();
  selection.removeAllRanges();
  selection.addRange(range);
  list[to].last.scrollIntoView({ block: "nearest" });
};

const STEPS = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 };
for (const text of document.querySelectorAll("[data-text]")) {
  const list = sentences(text);
  if (!list.length) continue;
  let from = -1;
  let to = -1;
  text.tabIndex = 0;
  text.setAttribute("role", "group");
  text.setAttribute("aria-label", document.querySelector("#coded-head").nextElementSibling.textContent);
  text.addEventListener("keydown", (event) => {
    if (event.target !== text) return;
    const step = STEPS[event.key];
    if (step) {
      event.preventDefault();
      to = to < 0 ? 0 : Math.min(list.length - 1, Math.max(0, to + step));
      if (!event.shiftKey || from < 0) from = to;
      choose(list, from, to);
    } else if (event.key === "Enter" && from >= 0) {
      event.preventDefault();
      offer();
      if (!bar.hidden) go.click();
    } else if (event.key === "Escape") {
      from = to = -1;
      document.getSelection().removeAllRanges();
    }
  });
}
