// While one types the title of an idea, those that say nearly the same are shown below. Without this they come on saving.
const PAUSE = 250; // ms
const part = document.querySelector("[data-alike]");
const field = part.querySelector("input[name=title]");
const list = part.querySelector("[data-alike-list]");
let timer;
let request;

const line = ({ title, url, state }) => {
  const item = document.createElement("li");
  const link = document.createElement("a");
  link.href = url;
  link.textContent = title;
  const said = document.createElement("span");
  said.className = "faint";
  said.textContent = ` ${state}`;
  item.append(link, said);
  return item;
};

const show = (ideas) => {
  if (!ideas.length) return list.replaceChildren();
  const heading = document.createElement("p");
  heading.textContent = list.dataset.heading;
  const all = document.createElement("ul");
  all.append(...ideas.map(line));
  list.replaceChildren(heading, all);
};

const ask = async () => {
  request?.abort();
  request = new AbortController();
  const url = new URL(part.dataset.alike, document.baseURI);
  url.searchParams.set("q", field.value);
  try {
    const response = await fetch(url, { signal: request.signal, headers: { Accept: "application/json" } });
    if (response.ok) show((await response.json()).ideas);
  } catch (error) {
    if (error.name !== "AbortError") show([]);
  }
};

field.addEventListener("input", () => {
  clearTimeout(timer);
  timer = setTimeout(ask, PAUSE);
});
