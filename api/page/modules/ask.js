import { detailsOf, plainText, textOf } from "./answer.js";
import { BrokenOff, Problem, Unreachable } from "./api.js";
import { composer } from "./composer.js";
import * as conversations from "./conversations.js";
import { copy } from "./copying.js";
import { announce, h } from "./dom.js";
import { examples } from "./examples.js";
import { drawPast } from "./past.js";
import * as talk from "./talk.js";
import { t } from "./words.js";

// What is on the page while this view is shown.
let place = null;

/** The view in which questions are asked. */
export async function show(outlet, parameters) {
  open(parameters);
  const form = composer(ask);
  place = {
    form,
    title: h("h1", {}, t("ask_title")),
    intro: h("p", { class: "lead" }, t("ask_lead")),
    turns: h("ol", { class: "turns" }),
    offers: h("div", { class: "offers" }),
    aside: h("aside", { class: "past" }),
    suggested: [],
  };
  place.view = h(
    "div",
    { class: "ask" },
    place.aside,
    h("div", { class: "talk" }, place.title, place.intro, place.turns, form.element, place.offers),
  );
  outlet.append(place.view);
  const end = talk.onChange(hear);
  draw();
  suggest(place);
  talk.askUnanswered();
  if (!talk.current().turns.length && canType()) form.field.focus({ preventScroll: true });
  return () => {
    end();
    place = null;
  };
}

// On a phone the field's focus would bring up its keyboard over half of the page, unasked.
const canType = () => matchMedia("(hover: hover)").matches;

/** Takes up the conversation that the address asks for: a kept one, or questions that somebody shared. */
function open(parameters) {
  const asked = parameters.getAll("q").map((one) => one.trim()).filter(Boolean);
  const kept = parameters.get("c") && conversations.find(parameters.get("c"));
  if (asked.length) {
    talk.take(conversations.begin(asked));
    conversations.save(talk.current());
  } else if (kept) {
    talk.take(kept);
  }
  sayAddress();
}

/** Loading the page anew shows the conversation with its answers instead of asking once more. */
function sayAddress() {
  const conversation = talk.current();
  const address = conversation.turns.length ? conversations.addressOf(conversation) : "#/";
  if (location.hash !== address) history.replaceState(null, "", address);
}

function ask(question) {
  talk.ask(question);
  sayAddress();
  place.turns.lastElementChild.scrollIntoView({ block: "start" });
}

/** Asks what a button offers. It is gone then: the focus goes to what it led to. */
function askOffered(question) {
  ask(question);
  place.turns.lastElementChild.querySelector(".turn").focus({ preventScroll: true });
}

function startNew() {
  talk.take(conversations.begin());
  sayAddress();
  place?.form.field.focus();
}

// --- what comes ----------------------------------------------------------------------------------

function hear(turn, sentence = "") {
  if (!place) return;
  if (!turn) {
    draw();
    return;
  }
  redraw(turn);
  say(turn, sentence);
  place.form.sayState();
  if (!turn.live) drawPast(place.aside, startNew);
}

/** Tells a screen reader every sentence once, and how it ended. */
function say(turn, sentence) {
  if (sentence) announce(sentence.replace(/\s?\[\d+\]/g, ""), languageOf(turn.question));
  if (turn.live && turn.live.stage[0] === "stage_understood") announce(t("stage_understood"));
  if (turn.answer) announce(t("sources", { n: turn.answer.citations.length }));
  if (turn.error) announce(wordsOf(turn.error));
}

const NO_LIBRARY = "no_library";
const wordsOf = ({ cause }) => (cause ? sayError(cause) : t("stopped"));

function sayError(error) {
  if (error instanceof Unreachable) return t("unreachable");
  if (error instanceof BrokenOff) return t("broken_off");
  if (!(error instanceof Problem)) {
    // A fault of the page itself: it is told like any other, and the browser's console says more.
    reportError(error);
    return t("failed");
  }
  // Its detail is for who runs the service: it names a folder and a command.
  if (error.code === NO_LIBRARY) return t("no_reports");
  const wait = error.retryAfter ? ` ${t("retry_after", { n: error.retryAfter })}` : "";
  return `${error.detail}${wait}`;
}

// --- drawing -------------------------------------------------------------------------------------

function draw() {
  const { turns } = talk.current();
  const isFresh = !turns.length;
  place.view.classList.toggle("fresh", isFresh);
  place.title.classList.toggle("unseen", !isFresh);
  place.intro.hidden = !isFresh;
  place.offers.hidden = !isFresh;
  place.turns.replaceChildren(...turns.map(elementOf));
  place.form.sayState();
  drawPast(place.aside, startNew);
}

/** Offers questions below the field, and says what is held. */
async function suggest(mine) {
  try {
    const { questions, held } = await examples();
    mine.suggested = questions;
    mine.offers.replaceChildren(...(held ? [offersOf(questions), heldLine(held)] : [nothingHeld()]));
    // Who asked at once may have been refused before it was known what to offer instead.
    const last = talk.current().turns.at(-1);
    if (last) redraw(last);
  } catch (error) {
    const isEmpty = error instanceof Problem && error.code === NO_LIBRARY;
    mine.offers.replaceChildren(isEmpty ? nothingHeld() : h("p", { class: "wrong" }, sayError(error)));
  }
}

function offersOf(questions) {
  const button = (question) =>
    h("button", { type: "button", lang: languageOf(question), onclick: () => askOffered(question) }, question);
  return h("ul", { class: "examples", "aria-label": t("examples") }, questions.map((one) => h("li", {}, button(one))));
}

const heldLine = (held) =>
  h("p", { class: "held" }, `${t("held", held)} `, h("a", { href: "#/reports" }, t("see_reports")));

const nothingHeld = () =>
  h("p", { class: "empty" }, `${t("no_reports")} `, h("a", { href: "#/reports" }, t("no_reports_do")));

/** Whose voice a screen reader takes; answers speak the question's language, which may name Chinese places. */
function languageOf(question) {
  const count = (signs) => question.match(signs)?.length ?? 0;
  return count(/\p{Script=Han}/gu) >= count(/\p{Script=Latin}/gu) ? "zh-CN" : "en";
}

const shown = new WeakMap();

function elementOf(turn) {
  const lang = languageOf(turn.question);
  const text = h("div", { class: "text", lang });
  const details = h("div", { class: "details" });
  const answer = h("div", { class: "answer" }, text, details);
  const asked = h("h2", { class: "asked", lang }, turn.question);
  const element = h("li", {}, h("article", { class: "turn", tabindex: "-1" }, asked, answer));
  shown.set(turn, { answer, text, details });
  redraw(turn);
  return element;
}

function redraw(turn) {
  const parts = shown.get(turn);
  if (!parts) return;
  const { answer, live, error } = turn;
  // No aria-busy: some screen readers keep silent about all within until it ends.
  parts.answer.dataset.state = live ? "coming" : answer ? answer.status : "failed";
  const told = live ?? error?.told;
  const text = answer
    ? textOf(answer.answer, answer.citations, answer.checks)
    : textOf(told?.text ?? "", told?.citations ?? []);
  grow(parts.text, text);
  if (live) parts.details.replaceChildren(h("p", { class: "stage" }, t(...live.stage)));
  else if (answer) parts.details.replaceChildren(...detailsOf(answer, actions(turn)), ...instead(turn));
  else parts.details.replaceChildren(...failed(turn));
}

/** Puts lines in place, leaving those that are there already: the focus and what is selected stay. */
function grow(parent, lines) {
  lines.forEach((line, index) => {
    const there = parent.children[index];
    if (!there) parent.append(line);
    else if (!there.isEqualNode(line)) {
      const focused = [...there.querySelectorAll("button")].indexOf(document.activeElement);
      there.replaceWith(line);
      if (focused >= 0) line.querySelectorAll("button")[focused]?.focus();
    }
  });
  while (parent.children.length > lines.length) parent.lastElementChild.remove();
}

function failed(turn) {
  const again = () => {
    talk.retry(turn);
    // The button that had the focus is gone.
    shown.get(turn).answer.closest(".turn").focus({ preventScroll: true });
  };
  return [
    h("p", { class: "wrong" }, wordsOf(turn.error ?? { cause: null })),
    h("button", { type: "button", onclick: again }, t("retry")),
  ];
}

/** Below a refusal: questions that can be answered. */
function instead(turn) {
  const isLast = talk.current().turns.at(-1) === turn;
  if (turn.answer.status !== "refused" || !isLast || !place?.suggested.length) return [];
  return [h("p", { class: "label" }, t("instead")), offersOf(place.suggested)];
}

function actions(turn) {
  const button = (key, onclick) => h("button", { type: "button", class: "plain", onclick }, t(key));
  return [
    button("copy", () => copy(plainText(turn.answer), "copied")),
    button("share", () => copy(conversations.linkOf(talk.current()), "shared")),
  ];
}
