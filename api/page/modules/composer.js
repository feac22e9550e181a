// The field in which questions are written.
import { h } from "./dom.js";
import * as talk from "./talk.js";
import { t } from "./words.js";

/** `{element, field, sayState}`; `ask` is called with the question. */
export function composer(ask) {
  const field = h("textarea", { id: "question", rows: "1", maxlength: "2000", enterkeyhint: "send" });
  const button = h("button", { class: "main" });
  const element = h(
    "form",
    { class: "composer", onsubmit: submit },
    h("label", { for: "question", class: "unseen" }, t("question")),
    field,
    button,
  );

  function submit(event) {
    event.preventDefault();
    if (talk.isRunning()) {
      talk.stop();
      return;
    }
    const question = field.value.trim();
    if (!question) return;
    field.value = "";
    fit(field);
    ask(question);
  }

  field.addEventListener("keydown", (event) => {
    // Enter that ends a word of an input method is no order to send it; some browsers only tell by 229.
    const isComposing = event.isComposing || event.keyCode === 229;
    if (event.key !== "Enter" || event.shiftKey || isComposing) return;
    event.preventDefault();
    if (!talk.isRunning()) element.requestSubmit();
  });
  field.addEventListener("input", () => fit(field));

  function sayState() {
    button.textContent = t(talk.isRunning() ? "stop" : "ask");
    button.classList.toggle("main", !talk.isRunning());
    field.placeholder = t(talk.current().turns.length ? "placeholder_more" : "placeholder");
  }

  return { element, field, sayState };
}

/** Lets the field grow with its text where the style sheet alone cannot. */
function fit(field) {
  if (CSS.supports("field-sizing", "content")) return;
  field.style.height = "auto";
  field.style.height = `${field.scrollHeight + 2}px`;
}
