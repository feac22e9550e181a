import { keep, recall } from "./dom.js";

const MOST = 40;

/**
 * Conversations kept in this browser, the latest first: `{id, turns: [{question, answer}]}`; a turn without an
 * answer was not answered.
 */
export const all = () => recall("conversations", []).filter((one) => Array.isArray(one?.turns) && one.turns.length);

export const find = (id) => all().find((one) => one.id === id) ?? null;

/** A conversation that is kept once a question was asked in it. */
export const begin = (questions = []) => ({
  id: crypto.randomUUID?.() ?? String(Date.now()),
  turns: questions.map((question) => ({ question, answer: null })),
});

export function save(conversation) {
  const others = all().filter((one) => one.id !== conversation.id);
  keep("conversations", [conversation, ...others].slice(0, MOST));
}

export function remove(id) {
  keep("conversations", all().filter((one) => one.id !== id));
}

export function removeAll() {
  keep("conversations", []);
}

/** The link that asks the questions of a conversation again, wherever it is opened. */
export function linkOf(conversation) {
  const query = new URLSearchParams(conversation.turns.map(({ question }) => ["q", question]));
  return `${location.origin}${location.pathname}#/?${query}`;
}
