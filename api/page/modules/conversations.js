import { keep, recall } from "./dom.js";

const MOST = 40;
// A link that asked without end would keep the service busy for whoever was made to open it.
const MOST_SHARED = 10;

/**
 * Conversations kept in this browser, the latest first: `{id, turns: [{question, answer, stopped}]}`; a turn without
 * an answer was not answered.
 */
export const all = () => recall("conversations", []).filter((one) => Array.isArray(one?.turns) && one.turns.length);

export const find = (id) => all().find((one) => one.id === id) ?? null;

/** A conversation that is kept once a question was asked in it. */
export const begin = (questions = []) => ({
  id: crypto.randomUUID?.() ?? String(Date.now()),
  turns: questions.slice(0, MOST_SHARED).map((question) => ({ question, answer: null })),
});

/** Keeps a conversation as the latest; the oldest make room where the browser has none left. */
export function save(conversation) {
  const others = all().filter((one) => one.id !== conversation.id);
  let kept = [lasting(conversation), ...others].slice(0, MOST);
  while (!keep("conversations", kept) && kept.length > 1) kept = kept.slice(0, Math.ceil(kept.length / 2));
}

/** A conversation without what is only of the moment. */
const lasting = ({ id, turns }) => ({
  id,
  turns: turns.map(({ question, answer, stopped }) => ({ question, answer, stopped: Boolean(stopped) })),
});

export function remove(id) {
  keep("conversations", all().filter((one) => one.id !== id));
}

export function removeAll() {
  keep("conversations", []);
}

/** The address of a kept conversation in this browser. */
export const addressOf = ({ id }) => `#/?c=${encodeURIComponent(id)}`;

/** The link that asks the latest questions of a conversation again, wherever it is opened. */
export function linkOf({ turns }) {
  const query = new URLSearchParams(turns.slice(-MOST_SHARED).map(({ question }) => ["q", question]));
  return `${location.origin}${location.pathname}#/?${query}`;
}
