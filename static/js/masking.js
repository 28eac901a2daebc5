// Shows at once how the words would be; without it the button "Show how it would be" does the same.
const PAUSE = 400; // ms of quiet before asking

const form = document.querySelector("form[data-masking]");
const status = form?.querySelector("[data-status]");
let timer;
let asked = 0;

// A place keeps what the person typed into it; the others follow the name of their group.
const keepTyped = (fresh) => {
  for (const input of fresh.querySelectorAll("input[name^='word-']")) {
    const here = form.elements[input.name];
    if (here && here === document.activeElement) {
      input.value = here.value;
    }
  }
};

const show = async () => {
  const mine = ++asked;
  const data = new FormData(form);
  data.set("preview", "1");
  try {
    const response = await fetch(form.action || location.href, { method: "POST", body: data });
    if (!response.ok) throw new Error(response.statusText);
    const page = new DOMParser().parseFromString(await response.text(), "text/html");
    if (mine !== asked) return; // a later answer is on its way
    for (const fresh of page.querySelectorAll("[data-swap]")) {
      const old = form.querySelector(`[data-swap="${fresh.dataset.swap}"]`);
      if (!old || old.contains(document.activeElement)) continue;
      keepTyped(fresh);
      fresh.open = old.open;
      old.replaceWith(fresh);
    }
    status.textContent = "";
  } catch {
    status.textContent = ""; // the button still works
  }
};

if (form) {
  const button = form.querySelector("[data-preview]");
  if (button) button.hidden = true;
  const later = () => {
    clearTimeout(timer);
    timer = setTimeout(show, PAUSE);
  };
  form.addEventListener("input", later);
  form.addEventListener("change", later);
}
