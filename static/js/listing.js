// A choice among the facets shows its hits at once, without leaving the page. Without this there is the Apply button.
const SLOW = 400; // ms after which waiting is shown

const status = document.createElement("p");
status.className = "vh";
status.setAttribute("role", "status");
document.body.append(status);

let request;
let shown = location.search;

const parsed = async (url) => {
  request?.abort();
  request = new AbortController();
  const response = await fetch(url, { signal: request.signal, headers: { Accept: "text/html" } });
  const page = response.ok && new DOMParser().parseFromString(await response.text(), "text/html");
  return page && page.querySelector("[data-listing]") ? page : null;
};

const focusedChoice = () => {
  const { name, value } = document.activeElement ?? {};
  return name && value ? `input[name="${CSS.escape(name)}"][value="${CSS.escape(value)}"]` : null;
};

const show = (page) => {
  const listing = document.querySelector("[data-listing]");
  const choice = focusedChoice();
  const folded = listing.querySelector("[data-facets]")?.open;
  listing.replaceWith(page.querySelector("[data-listing]"));
  document.title = page.title;
  prepare();
  const facets = document.querySelector("[data-facets]");
  if (facets && folded) facets.open = true;
  if (choice) document.querySelector(choice)?.focus({ preventScroll: true });
  status.textContent = document.querySelector("#found").textContent;
};

const visit = async (url, { remember }) => {
  const listing = document.querySelector("[data-listing]");
  const waiting = setTimeout(() => listing.setAttribute("aria-busy", "true"), SLOW);
  try {
    const page = await parsed(url);
    if (!page) return location.assign(url);
    if (remember) history.pushState(null, "", url);
    shown = url.search;
    show(page);
  } catch (error) {
    if (error.name !== "AbortError") location.assign(url);
  } finally {
    clearTimeout(waiting);
  }
};

const chosen = (form) => {
  const url = new URL(location.href);
  url.search = new URLSearchParams(new FormData(form)).toString();
  url.hash = "";
  return url;
};

const prepare = () => {
  const apply = document.querySelector("[data-apply]");
  if (apply) apply.hidden = true;
};

document.addEventListener("change", (event) => {
  const form = event.target.closest("[data-facets] form");
  if (form) visit(chosen(form), { remember: true });
});
// Links inside the page wake this event too; only another query is worth a visit.
addEventListener("popstate", () => {
  if (location.search !== shown) visit(new URL(location.href), { remember: false });
});
prepare();
