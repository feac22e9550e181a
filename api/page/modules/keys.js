import { h } from "./dom.js";
import { t } from "./words.js";

const NAME = "wenzheng.key";
let inUse = kept();
const changes = new EventTarget();
let asking = null;

/** The API key in use, "" without one. */
export const key = () => inUse;

function kept() {
  try {
    return sessionStorage.getItem(NAME) ?? localStorage.getItem(NAME) ?? "";
  } catch {
    return "";
  }
}

/** Calls back when a key is taken into use or forgotten. */
export function onKey(callback) {
  changes.addEventListener("change", callback);
}

/** Asks for a key; true if one was given. Requests that need one at the same time share the dialog. */
export function askForKey(isWrong) {
  asking ??= ask([
    h("p", {}, t("key_lead")),
    isWrong && h("p", { class: "wrong", role: "alert" }, t("key_wrong")),
  ]).finally(() => {
    asking = null;
  });
  return asking;
}

/** Shows which key is in use, to change or to forget it. */
export function manageKey() {
  const forget = h("button", { value: "forget", formnovalidate: true }, t("key_forget"));
  return ask([h("p", {}, t("key_in_use", { end: inUse.slice(-4) }))], forget);
}

async function ask(lead, forget = null) {
  const dialog = document.getElementById("key");
  const opener = document.activeElement;
  const field = h("input", { type: "password", id: "key-field", autocomplete: "off", required: true });
  const remember = h("input", { type: "checkbox" });
  dialog.replaceChildren(formOf(lead, field, remember, forget));
  dialog.returnValue = "";
  dialog.showModal();
  field.focus();
  await new Promise((resolve) => dialog.addEventListener("close", resolve, { once: true }));
  opener?.focus?.();
  if (dialog.returnValue === "forget") keepKey("", false);
  const given = dialog.returnValue === "use" ? field.value.trim() : "";
  if (given) keepKey(given, remember.checked);
  return Boolean(given);
}

function formOf(lead, field, remember, forget) {
  return h(
    "form",
    { method: "dialog" },
    h("h2", { id: "key-title" }, t("key_title")),
    lead,
    h("label", { for: "key-field" }, t("key")),
    field,
    h("label", { class: "check" }, remember, t("key_remember")),
    h(
      "div",
      { class: "row" },
      h("button", { value: "use", class: "main" }, t("key_use")),
      forget,
      h("button", { value: "", formnovalidate: true }, t("cancel")),
    ),
  );
}

function keepKey(given, forLong) {
  inUse = given;
  try {
    sessionStorage.removeItem(NAME);
    localStorage.removeItem(NAME);
    if (given) (forLong ? localStorage : sessionStorage).setItem(NAME, given);
  } catch {
    // It is known until the page is closed.
  }
  changes.dispatchEvent(new Event("change"));
}
