// A search field that completes: the editable combobox with a list of the ARIA Authoring Practices, options in groups.
// The field stays a plain search field; without a chosen option Enter sends its form.
const PAUSE = 120; // ms of rest before the server is asked
const SHORTEST = 2;

const element = (name, attributes, text = "") => {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.textContent = text;
  return made;
};

const grouped = (suggestions) => {
  const groups = new Map();
  for (const each of suggestions) groups.set(each.group, [...(groups.get(each.group) ?? []), each]);
  return groups;
};

export const combobox = (field) => {
  const id = `${field.id}-suggestions`;
  const list = element("div", { id, role: "listbox", class: "suggestions", "aria-label": field.dataset.label ?? "", hidden: "" });
  const status = element("p", { class: "vh", role: "status" });
  field.closest("form").append(list, status);
  for (const [key, value] of Object.entries({ role: "combobox", "aria-autocomplete": "list", "aria-expanded": "false", "aria-controls": id })) {
    field.setAttribute(key, value);
  }
  let timer;
  let request;
  let current = -1;

  const options = () => [...list.querySelectorAll("[role=option]")];

  const mark = (place) => {
    current = place;
    options().forEach((option, number) => option.setAttribute("aria-selected", String(number === place)));
    const option = options()[place];
    if (option) {
      field.setAttribute("aria-activedescendant", option.id);
      option.scrollIntoView({ block: "nearest" });
    } else field.removeAttribute("aria-activedescendant");
  };

  const show = (open) => {
    list.hidden = !open;
    field.setAttribute("aria-expanded", String(open));
    if (!open) mark(-1);
  };

  const fill = ({ suggestions = [], status: said = "" }) => {
    let number = 0;
    const groups = [...grouped(suggestions)].map(([name, members], place) => {
      const group = element("div", { role: "group", "aria-labelledby": `${id}-${place}` });
      group.append(element("p", { id: `${id}-${place}`, class: "group" }, name));
      for (const each of members) {
        const option = element("div", { role: "option", id: `${id}-option-${number++}`, "aria-selected": "false" }, each.label);
        option.dataset.url = each.url;
        group.append(option);
      }
      return group;
    });
    list.replaceChildren(...groups);
    mark(-1);
    show(groups.length > 0);
    status.textContent = said;
  };

  const ask = async () => {
    request?.abort();
    request = new AbortController();
    const url = new URL(field.dataset.suggest, document.baseURI);
    url.searchParams.set("q", field.value);
    try {
      const response = await fetch(url, { signal: request.signal, headers: { Accept: "application/json" } });
      if (response.ok && document.activeElement === field) fill(await response.json());
    } catch (error) {
      if (error.name !== "AbortError") fill({});
    }
  };

  const stop = () => {
    clearTimeout(timer);
    request?.abort();
    show(false);
  };

  const step = (by) => {
    const count = options().length;
    if (!count) return;
    show(true);
    // One place before the first and after the last is the field itself.
    mark(((current + 1 + by + count + 1) % (count + 1)) - 1);
  };

  const KEYS = {
    ArrowDown: (event) => {
      if (list.hidden && !options().length) return;
      event.preventDefault();
      event.stopPropagation();
      if (event.altKey) show(true);
      else step(1);
    },
    ArrowUp: (event) => {
      if (list.hidden) return;
      event.preventDefault();
      event.stopPropagation();
      if (event.altKey) show(false);
      else step(-1);
    },
    Enter: (event) => {
      const option = options()[current];
      if (list.hidden || !option) return stop();
      event.preventDefault();
      location.assign(option.dataset.url);
    },
    Escape: (event) => {
      if (list.hidden) return;
      event.preventDefault();
      event.stopPropagation();
      stop();
    },
    Tab: stop,
  };

  field.addEventListener("keydown", (event) => KEYS[event.key]?.(event));
  field.addEventListener("input", () => {
    clearTimeout(timer);
    if (field.value.trim().length >= SHORTEST) timer = setTimeout(ask, PAUSE);
    else {
      list.replaceChildren();
      stop();
    }
  });
  field.addEventListener("blur", stop);
  // The field keeps the focus while an option is pressed.
  list.addEventListener("mousedown", (event) => event.preventDefault());
  list.addEventListener("click", (event) => {
    const option = event.target.closest("[role=option]");
    if (option) location.assign(option.dataset.url);
  });
};
