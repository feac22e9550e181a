import { detailsOf, plainText, textOf } from "./answer.js";
import { askStream, BrokenOff, Problem, Unreachable } from "./api.js";
import * as conversations from "./conversations.js";
import { announce, h } from "./dom.js";
import { examples } from "./examples.js";
import { t } from "./words.js";

// The conversation on the page and the question being answered in it live on while other views are shown.
const talk = { conversation: conversations.begin(), controller: null };
let place = null;

/** The view in which questions are asked. */
export async function show(outlet, parameters) {
  open(parameters);
  place = { turns: h("ol", { class: "turns" }), aside: h("aside", { class: "past" }), intro: h("div", { class: "intro" }) };
  place.form = composer();
  outlet.append(
    h("div", { class: "ask" }, h("div", { class: "talk" }, place.intro, place.turns, place.form.element), place.aside),
  );
  draw();
  askUnanswered();
  if (!talk.conversation.turns.length) place.form.field.focus({ preventScroll: true });
  return () => {
    place = null;
  };
}

/** Takes up the conversation that the address asks for: a kept one, or questions that somebody shared. */
function open(parameters) {
  const asked = parameters.getAll("q").map((one) => one.trim()).filter(Boolean);
  const kept = parameters.get("c") && conversations.find(parameters.get("c"));
  if (!asked.length && !kept) return;
  if (kept?.id !== talk.conversation.id) stop();
  if (asked.length) {
    talk.conversation = conversations.begin(asked.slice(0, MOST_SHARED));
    // Loading the page anew shows what was answered instead of asking once more.
    history.replaceState(null, "", `#/?c=${talk.conversation.id}`);
  } else if (kept.id !== talk.conversation.id) {
    talk.conversation = kept;
  }
}

const MOST_SHARED = 10;

function draw() {
  if (!place) return;
  const { turns } = talk.conversation;
  place.turns.replaceChildren(...turns.map((turn) => elementOf(turn)));
  place.intro.hidden = turns.length > 0;
  if (!turns.length) introduce();
  place.form.sayState();
  drawPast();
}

async function introduce() {
  const { intro } = place;
  const list = h("ul", { class: "examples", "aria-label": t("examples") });
  intro.replaceChildren(h("h1", {}, t("ask_title")), h("p", { class: "lead" }, t("ask_lead")), list);
  try {
    const { questions, isEmpty } = await examples();
    if (isEmpty) {
      list.replaceWith(h("p", { class: "empty" }, t("no_reports"), " ", h("a", { href: "#/reports" }, t("no_reports_do"))));
    }
    const button = (question) => h("button", { type: "button", onclick: () => ask(question) }, question);
    list.replaceChildren(...questions.map((question) => h("li", {}, button(question))));
    if (questions.length) place?.form.suggest(questions[0]);
  } catch (error) {
    // Without examples one can still ask; what is wrong is told when one does.
    list.replaceChildren(h("li", { class: "wrong" }, sayError(error)));
  }
}

// --- asking --------------------------------------------------------------------------------------

function ask(question) {
  const turn = { question, answer: null };
  talk.conversation.turns.push(turn);
  conversations.save(kept(talk.conversation));
  draw();
  place?.turns.lastElementChild?.scrollIntoView({ block: "start" });
  run(turn);
}

async function askUnanswered() {
  for (const turn of talk.conversation.turns) {
    if (talk.controller) return;
    if (!turn.answer && !turn.error && !turn.live) await run(turn);
  }
}

/** Asks the question of a turn; what comes is kept in the turn and drawn wherever it is shown. */
async function run(turn) {
  const { conversation } = talk;
  const controller = new AbortController();
  talk.controller = controller;
  const before = conversation.turns.slice(0, conversation.turns.indexOf(turn)).map((one) => one.question);
  turn.error = null;
  turn.live = { stage: t("stage_understood"), text: "", citations: [] };
  redraw(turn);
  try {
    const onEvent = (name, data) => hear(turn, name, data);
    turn.answer = await askStream(turn.question, before, { onEvent, signal: controller.signal });
  } catch (error) {
    turn.error = { line: controller.signal.aborted ? t("stopped") : sayError(error), told: turn.live };
  }
  turn.live = null;
  if (talk.controller === controller) talk.controller = null;
  conversations.save(kept(conversation));
  redraw(turn);
  place?.form.sayState();
  drawPast();
}

function hear(turn, name, data) {
  const { live } = turn;
  if (name === "understood") live.stage = t("stage_searched", { what: understood(data) || turn.question });
  else if (name === "searched") live.stage = t("stage_checking");
  else if (name === "citation") live.citations.push(data);
  else if (name === "sentence") live.text += data.text;
  redraw(turn);
}

const understood = (data) => [...data.places, ...data.years, ...data.indicators].join(" · ");

function stop() {
  talk.controller?.abort();
}

function retry(turn) {
  if (talk.controller) return;
  run(turn);
  place?.form.sayState();
}

function sayError(error) {
  if (error instanceof Unreachable) return t("unreachable");
  if (error instanceof BrokenOff) return t("broken_off");
  if (!(error instanceof Problem)) throw error;
  const wait = error.retryAfter ? ` ${t("retry_after", { n: error.retryAfter })}` : "";
  return `${error.detail}${wait}`;
}

/** A conversation as it is kept: what is only of the moment left out. */
const kept = ({ id, turns }) => ({ id, turns: turns.map(({ question, answer }) => ({ question, answer })) });

// --- drawing -------------------------------------------------------------------------------------

const shown = new WeakMap();

function elementOf(turn) {
  const text = h("div", { class: "text", lang: "zh-CN" });
  const details = h("div", { class: "details" });
  const answer = h("div", { class: "answer", "aria-live": "polite" }, text, details);
  const element = h("li", {}, h("article", { class: "turn" }, h("h2", { class: "asked" }, turn.question), answer));
  shown.set(turn, { answer, text, details });
  redraw(turn);
  return element;
}

function redraw(turn) {
  const parts = shown.get(turn);
  if (!parts) return;
  const { answer, live, error } = turn;
  parts.answer.setAttribute("aria-busy", String(Boolean(live)));
  parts.answer.classList.toggle("refused", answer?.status === "refused");
  const told = live ?? error?.told;
  const text = answer
    ? textOf(answer.answer, answer.citations, answer.checks)
    : textOf(told?.text ?? "", told?.citations ?? []);
  grow(parts.text, text);
  if (live) parts.details.replaceChildren(h("p", { class: "stage" }, live.stage));
  else if (error) parts.details.replaceChildren(...failed(turn, error));
  else if (answer) parts.details.replaceChildren(...detailsOf(answer, actions(turn)));
}

/** Puts lines in place, leaving those that are there already: a reader hears only what is new. */
function grow(parent, lines) {
  lines.forEach((line, index) => {
    const there = parent.children[index];
    if (!there) parent.append(line);
    else if (!there.isEqualNode(line)) {
      const hadFocus = there.contains(document.activeElement);
      there.replaceWith(line);
      if (hadFocus) line.querySelector("button")?.focus();
    }
  });
  while (parent.children.length > lines.length) parent.lastElementChild.remove();
}

function failed(turn, error) {
  return [
    h("p", { class: "wrong" }, error.line),
    h("button", { type: "button", onclick: () => retry(turn) }, t("retry")),
  ];
}

function actions(turn) {
  const button = (key, onclick) => h("button", { type: "button", class: "plain", onclick }, t(key));
  return [
    button("copy", () => copy(plainText(turn.answer), "copied")),
    button("share", () => copy(conversations.linkOf(talk.conversation), "shared")),
  ];
}

async function copy(text, key) {
  try {
    await navigator.clipboard.writeText(text);
    toast(t(key));
  } catch {
    toast(t("not_copied"));
  }
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

// --- the field -----------------------------------------------------------------------------------

function composer() {
  const field = h("textarea", { id: "question", rows: "1", maxlength: "2000", enterkeyhint: "send" });
  const button = h("button", { class: "main" });
  const element = h(
    "form",
    { class: "composer", onsubmit: submit },
    h("label", { for: "question", class: "unseen" }, t("question")),
    field,
    button,
  );
  let example = "";

  function submit(event) {
    event.preventDefault();
    if (talk.controller) {
      stop();
      return;
    }
    const question = field.value.trim();
    if (!question) return;
    field.value = "";
    ask(question);
  }

  field.addEventListener("keydown", (event) => {
    // Enter that ends a word of an input method is no order to send it; some browsers only tell by 229.
    const isComposing = event.isComposing || event.keyCode === 229;
    if (event.key !== "Enter" || event.shiftKey || isComposing) return;
    event.preventDefault();
    if (!talk.controller) element.requestSubmit();
  });

  function sayState() {
    const isRunning = Boolean(talk.controller);
    button.textContent = t(isRunning ? "stop" : "ask");
    button.classList.toggle("main", !isRunning);
    const more = talk.conversation.turns.length > 0;
    field.placeholder = more ? t("placeholder_more") : example && t("placeholder", { example });
  }

  function suggest(question) {
    example = question;
    sayState();
  }

  return { element, field, sayState, suggest };
}

// --- history -------------------------------------------------------------------------------------

function drawPast() {
  if (!place) return;
  const past = conversations.all();
  const fresh = h("button", { type: "button", class: "new", onclick: startNew }, t("new_conversation"));
  const list = h("ul", {}, past.map(pastItem));
  const all = h("button", { type: "button", class: "plain", onclick: forgetAll }, t("delete_all"));
  const isWide = matchMedia("(min-width: 60rem)").matches;
  const isOpen = place.aside.querySelector("details")?.open ?? isWide;
  place.aside.setAttribute("aria-label", t("history"));
  place.aside.replaceChildren(
    ...(talk.conversation.turns.length ? [fresh] : []),
    ...(past.length ? [h("details", { open: isOpen }, h("summary", {}, t("history")), list, all)] : []),
  );
}

function pastItem({ id, turns }) {
  const title = turns[0].question;
  const isCurrent = id === talk.conversation.id;
  return h(
    "li",
    {},
    h("a", { href: `#/?c=${id}`, "aria-current": isCurrent ? "true" : null }, title),
    h(
      "button",
      { type: "button", class: "plain", "aria-label": t("delete_conversation", { title }), onclick: () => forget(id) },
      "×",
    ),
  );
}

function startNew() {
  stop();
  talk.conversation = conversations.begin();
  history.replaceState(null, "", "#/");
  draw();
  place?.form.field.focus();
}

function forget(id) {
  conversations.remove(id);
  if (id === talk.conversation.id) startNew();
  else drawPast();
}

function forgetAll() {
  if (!confirm(t("sure_delete_all"))) return;
  conversations.removeAll();
  startNew();
}
