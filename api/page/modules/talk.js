// The conversation on the page and the question being answered in it: both live on while other views are shown.
import { askStream } from "./api.js";
import * as conversations from "./conversations.js";

let conversation = conversations.begin();
let controller = null;
let changed = () => {};

/** What is asked: `{id, turns}`; a turn is `{question, answer, live, error}`, see `run`. */
export const current = () => conversation;

export const isRunning = () => controller !== null;

/** Calls back with the turn that changed, null for the conversation as a whole; returns what ends it. */
export function onChange(callback) {
  changed = callback;
  return () => {
    if (changed === callback) changed = () => {};
  };
}

/** Goes on with another conversation; an answer under way in the present one is given up. */
export function take(other) {
  if (other.id === conversation.id) return;
  stop();
  conversation = other;
  changed(null);
}

export function stop() {
  controller?.abort();
}

/** Asks a question; the turn that will hold its answer. */
export function ask(question) {
  const turn = { question, answer: null };
  conversation.turns.push(turn);
  conversations.save(conversation);
  changed(null);
  run(turn);
  return turn;
}

/** Asks again what was not answered. */
export function retry(turn) {
  if (!isRunning()) run(turn);
}

/** Asks, one after the other, the questions that have no answer and were not stopped by the user. */
export async function askUnanswered() {
  for (const turn of conversation.turns) {
    if (isRunning()) return;
    if (!turn.answer && !turn.error && !turn.live && !turn.stopped) await run(turn);
  }
}

/**
 * Asks the question of a turn. What comes is kept in the turn: `live` (`{stage, text, citations}`) while it comes,
 * then `answer`, or `error` (`{cause, told}`, without a cause where the user stopped it).
 */
async function run(turn) {
  const mine = conversation;
  const before = mine.turns.slice(0, mine.turns.indexOf(turn)).map((one) => one.question);
  const own = new AbortController();
  controller = own;
  Object.assign(turn, { error: null, stopped: false, live: { stage: ["stage_understood"], text: "", citations: [] } });
  changed(turn);
  try {
    const onEvent = (name, data) => hear(turn, name, data);
    turn.answer = await askStream(turn.question, before, { onEvent, signal: own.signal });
  } catch (cause) {
    turn.stopped = own.signal.aborted;
    turn.error = { cause: turn.stopped ? null : cause, told: turn.live };
  }
  turn.live = null;
  if (controller === own) controller = null;
  // What was deleted while it was answered must not come back.
  if (conversations.find(mine.id)) conversations.save(mine);
  changed(turn);
}

function hear(turn, name, data) {
  const { live } = turn;
  if (name === "understood") live.stage = ["stage_searched", { what: understood(data) || turn.question }];
  else if (name === "searched") live.stage = ["stage_checking"];
  else if (name === "citation") live.citations.push(data);
  else if (name === "sentence") live.text += data.text;
  changed(turn, name === "sentence" ? data.text : "");
}

const understood = (data) => [...data.places, ...data.years, ...data.indicators].join(" · ");
