// The conversations kept in this browser, and a new one.
import * as conversations from "./conversations.js";
import { h } from "./dom.js";
import * as talk from "./talk.js";
import { t } from "./words.js";

/**
 * Fills the list of conversations; nothing is shown before the first.
 * @param {HTMLElement} aside
 * @param {() => void} begin called for a new conversation
 */
export function drawPast(aside, begin) {
  const past = conversations.all();
  const hasTurns = talk.current().turns.length > 0;
  const isOpen = aside.querySelector("details")?.open ?? matchMedia("(min-width: 60rem)").matches;
  aside.setAttribute("aria-label", t("history"));
  aside.hidden = !past.length && !hasTurns;
  const redraw = () => drawPast(aside, begin);
  aside.replaceChildren(
    ...(hasTurns ? [h("button", { type: "button", class: "new", onclick: begin }, t("new_conversation"))] : []),
    ...(past.length ? [listOf(past, isOpen, begin, redraw)] : []),
  );
}

function listOf(past, isOpen, begin, redraw) {
  const forgetAll = () => {
    if (!confirm(t("sure_delete_all"))) return;
    conversations.removeAll();
    begin();
  };
  return h(
    "details",
    { open: isOpen },
    h("summary", {}, t("history")),
    h("ul", {}, past.map((one) => itemOf(one, begin, redraw))),
    h("button", { type: "button", class: "plain", onclick: forgetAll }, t("delete_all")),
  );
}

function itemOf(conversation, begin, redraw) {
  const title = conversation.turns[0].question;
  const isCurrent = conversation.id === talk.current().id;
  const forget = () => {
    conversations.remove(conversation.id);
    if (isCurrent) begin();
    else redraw();
  };
  return h(
    "li",
    {},
    h("a", { href: conversations.addressOf(conversation), "aria-current": isCurrent ? "true" : null }, title),
    h(
      "button",
      { type: "button", class: "plain", "aria-label": t("delete_conversation", { title }), onclick: forget },
      "×",
    ),
  );
}
