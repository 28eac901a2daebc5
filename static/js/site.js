// What every page shares. Pages work without it.

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

// Completes search fields with titles from the server, in the browser's own list, which never covers the button.
const PAUSE = 150;

const fill = (list, suggestions) => {
  const options = suggestions.map(({ label }) => {
    const option = document.createElement("option");
    option.value = label;
    return option;
  });
  list.replaceChildren(...options);
};

const enhance = (field) => {
  const list = document.createElement("datalist");
  list.id = `${field.id}-suggestions`;
  field.after(list);
  field.setAttribute("list", list.id);
  let timer;
  let request;

  const ask = async () => {
    request?.abort();
    request = new AbortController();
    const url = new URL(field.dataset.suggest, document.baseURI);
    url.searchParams.set("q", field.value);
    try {
      const response = await fetch(url, { signal: request.signal, headers: { Accept: "application/json" } });
      if (response.ok) fill(list, (await response.json()).suggestions ?? []);
    } catch (error) {
      if (error.name !== "AbortError") fill(list, []);
    }
  };

  field.addEventListener("input", () => {
    clearTimeout(timer);
    if (field.value.trim().length > 1) timer = setTimeout(ask, PAUSE);
    else fill(list, []);
  });
};

for (const field of document.querySelectorAll("input[data-suggest]")) enhance(field);
