import { h } from "./dom.js";
import { t } from "./words.js";

const NAME = "wenzheng.key";
let inUse = kept();
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

/** Asks for a key; true if one was given. Requests that need one at the same time share the dialog. */
export function askForKey(isWrong) {
  asking ??= ask(isWrong).finally(() => {
    asking = null;
  });
  return asking;
}

function ask(isWrong) {
  const dialog = document.getElementById("key");
  const field = h("input", { type: "password", id: "key-field", autocomplete: "off", required: true });
  const remember = h("input", { type: "checkbox" });
  const form = h(
    "form",
    { method: "dialog" },
    h("h2", { id: "key-title" }, t("key_title")),
    h("p", {}, t("key_lead")),
    isWrong && h("p", { class: "wrong", role: "alert" }, t("key_wrong")),
    h("label", { for: "key-field" }, t("key")),
    field,
    h("label", { class: "check" }, remember, t("key_remember")),
    h(
      "div",
      { class: "row" },
      h("button", { value: "use", class: "main" }, t("key_use")),
      h("button", { value: "", formnovalidate: true }, t("cancel")),
    ),
  );
  dialog.replaceChildren(form);
  dialog.returnValue = "";
  dialog.showModal();
  field.focus();
  return new Promise((resolve) => {
    dialog.addEventListener(
      "close",
      () => {
        const given = dialog.returnValue === "use" ? field.value.trim() : "";
        if (given) keepKey(given, remember.checked);
        resolve(Boolean(given));
      },
      { once: true },
    );
  });
}

function keepKey(given, forLong) {
  inUse = given;
  try {
    sessionStorage.setItem(NAME, given);
    if (forLong) localStorage.setItem(NAME, given);
    else localStorage.removeItem(NAME);
  } catch {
    // It is known until the page is closed.
  }
}
