// Keeps an unfinished note on the server, never in the browser: a phone may be lent, lost or shared.
const PAUSE = 2500; // ms of quiet before a save
const RETRY = 10000;

const form = document.querySelector("form[data-autosave-url]");
const status = form?.querySelector("[data-status]");
let timer;
let saving = false;
let changed = false;

const say = (text) => { status.textContent = text; };

const later = (delay) => {
  clearTimeout(timer);
  timer = setTimeout(save, delay);
};

const save = async () => {
  if (saving) return later(PAUSE);
  saving = true;
  changed = false;
  say(form.dataset.saving);
  try {
    const response = await fetch(form.dataset.autosaveUrl, { method: "POST", body: new FormData(form), headers: { Accept: "application/json" } });
    if (!response.ok) throw new Error(response.statusText);
    say((await response.json()).text ?? "");
  } catch {
    changed = true;
    say(form.dataset.failed);
    later(RETRY);
  } finally {
    saving = false;
  }
};

if (form) {
  form.addEventListener("input", () => {
    changed = true;
    later(PAUSE);
  });
  form.addEventListener("submit", () => {
    clearTimeout(timer);
    changed = false;
  });
  // A phone that turns to another app may never come back to this page: hand over what is there.
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "hidden" && changed) {
      clearTimeout(timer);
      changed = false;
      navigator.sendBeacon(form.dataset.autosaveUrl, new FormData(form));
    }
  });
}
