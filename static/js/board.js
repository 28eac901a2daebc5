// Dragging an idea to another column does what the buttons under “Move” do: it presses that button.
const board = document.querySelector("[data-board]");
const status = document.querySelector("[data-board-status]");
let held = null;

const moves = (idea) => idea.dataset.moves.split(" ").filter(Boolean);
const columns = [...board.querySelectorAll("[data-column]")];

const release = () => {
  held?.classList.remove("held");
  held = null;
  for (const column of columns) column.classList.remove("over", "shut");
};

for (const idea of board.querySelectorAll("[data-idea]")) {
  if (!moves(idea).length) continue;
  idea.draggable = true;
  idea.addEventListener("dragstart", (event) => {
    held = idea;
    idea.classList.add("held");
    event.dataTransfer.effectAllowed = "move";
    event.dataTransfer.setData("text/plain", idea.dataset.idea);
    for (const column of columns) column.classList.toggle("shut", !column.contains(idea) && !moves(idea).includes(column.dataset.column));
  });
  idea.addEventListener("dragend", release);
}

for (const column of columns) {
  const takes = () => held && moves(held).includes(column.dataset.column);
  column.addEventListener("dragover", (event) => {
    if (!takes()) return;
    event.preventDefault();
    column.classList.add("over");
  });
  column.addEventListener("dragleave", (event) => {
    if (!column.contains(event.relatedTarget)) column.classList.remove("over");
  });
  column.addEventListener("drop", (event) => {
    if (!takes()) return;
    event.preventDefault();
    const button = held.querySelector(`button[name=state][value="${column.dataset.column}"]`);
    status.textContent = board.dataset.moving;
    release();
    button.click();
  });
}
