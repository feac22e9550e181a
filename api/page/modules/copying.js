import { announce, h } from "./dom.js";
import { t } from "./words.js";

/** Puts a text on the clipboard and says so with the words for `key`. */
export async function copy(text, key) {
  toast(t((await copied(text)) ? key : "not_copied"));
}

async function copied(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    // Without TLS a browser has no clipboard but the one of old.
    return copiedByCommand(text);
  }
}

function copiedByCommand(text) {
  const before = document.activeElement;
  const field = h("textarea", { class: "unseen", "aria-hidden": "true" });
  field.value = text;
  document.body.append(field);
  field.select();
  const isDone = document.execCommand("copy");
  field.remove();
  before?.focus?.();
  return isDone;
}

let fading = 0;

function toast(line) {
  announce(line);
  document.querySelector(".toast")?.remove();
  const element = h("p", { class: "toast", "aria-hidden": "true" }, line);
  document.body.append(element);
  clearTimeout(fading);
  fading = setTimeout(() => element.remove(), 2500);
}
