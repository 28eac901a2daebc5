// Draws the predicted line, lets arrow keys move its points, keeps unfinished answers on the server. Everything works without it.
for (const plot of document.querySelectorAll("[data-plot]")) {
  const line = plot.querySelector("[data-line]");
  const count = plot.querySelector("[data-count]");
  const columns = [...plot.querySelectorAll("fieldset")];
  const draw = () => {
    const points = columns.flatMap((column, i) => {
      const chosen = column.querySelector("input:checked");
      return chosen ? [`${i + 0.5},${5.5 - Number(chosen.value)}`] : [];
    });
    line.setAttribute("points", points.join(" "));
    if (count) count.textContent = points.length;
  };
  // Up and down are the browser's own for radio buttons; left and right go to the next column at the same height.
  plot.addEventListener("keydown", event => {
    const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    const column = columns.indexOf(event.target.closest("fieldset"));
    const next = columns[column + step];
    if (!step || column < 0 || !next) return;
    event.preventDefault();
    const kept = next.querySelector("input:checked") ?? next.querySelector(`input[value="${event.target.value}"]`);
    kept.focus();
  });
  plot.addEventListener("change", draw);
  draw();
}

for (const form of document.querySelectorAll("form[data-keep]")) {
  let timer;
  const status = form.querySelector("[data-status]");
  const keep = async () => {
    const data = new FormData(form);
    data.set("keep", "auto");
    try {
      const answer = await fetch(form.action || location.href, { method: "POST", body: data, credentials: "same-origin" });
      if (status && answer.ok) status.textContent = "✓";
    } catch { /* the button saves it too */ }
  };
  form.addEventListener("input", () => { clearTimeout(timer); if (status) status.textContent = ""; timer = setTimeout(keep, 1200); });
  form.addEventListener("submit", () => clearTimeout(timer));
}

// Choosing by writing; after a choice focus goes to what followed.
const other = document.querySelector("#other");
other?.addEventListener("input", () => { if (other.value) document.querySelector("#o-other").checked = true; });
if (location.hash === "#after") document.querySelector("[data-focus], #cm")?.focus();
