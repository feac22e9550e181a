import { askForKey, key } from "./keys.js";
import { language } from "./words.js";

/** What the service says is wrong: its problem document. */
export class Problem extends Error {
  constructor(status, body, retryAfter) {
    super(body.detail ?? body.title ?? String(status));
    this.status = status;
    this.title = body.title ?? "";
    this.detail = this.message;
    this.code = body.error?.code ?? "";
    /** Seconds to wait before another try, null if nothing was said. */
    this.retryAfter = retryAfter;
  }
}

/** The service did not reply at all. */
export class Unreachable extends Error {}

/** A stream that ended before the service said that it was done. */
export class BrokenOff extends Error {}

/**
 * A reply with a good status. Asks for a key where one is needed and tries again with it.
 * @param {string} method
 * @param {string} path
 * @param {{body?: unknown, accept?: string, signal?: AbortSignal}} [options] a body is sent as JSON unless it is FormData
 * @returns {Promise<Response>}
 * @throws {Problem | Unreachable}
 */
export async function request(method, path, options = {}) {
  for (let wrong = false; ; wrong = true) {
    const used = key();
    const reply = await send_(method, path, options);
    if (reply.ok) return reply;
    const problem = await problemOf(reply);
    if (reply.status !== 401) throw problem;
    // Another request may have asked for the key meanwhile.
    if (key() === used && !(await askForKey(wrong || Boolean(used)))) throw problem;
  }
}

async function send_(method, path, { body, accept = "application/json", signal }) {
  const headers = { Accept: accept, "Accept-Language": language() };
  if (key()) headers.Authorization = `Bearer ${key()}`;
  const isForm = body instanceof FormData;
  if (body !== undefined && !isForm) headers["Content-Type"] = "application/json";
  try {
    return await fetch(path, {
      method,
      headers,
      signal,
      body: body === undefined || isForm ? body : JSON.stringify(body),
    });
  } catch (error) {
    if (signal?.aborted) throw error;
    throw new Unreachable(String(error));
  }
}

async function problemOf(reply) {
  const body = await reply.json().catch(() => ({}));
  const seconds = Number.parseInt(reply.headers.get("Retry-After") ?? "", 10);
  return new Problem(reply.status, body, Number.isNaN(seconds) ? null : seconds);
}

export async function getJSON(path, options = {}) {
  return (await request("GET", path, options)).json();
}

/** Sends a body (FormData, or what becomes JSON); the JSON of the reply, null if there is none. */
export async function send(method, path, body, options = {}) {
  const reply = await request(method, path, { ...options, body });
  return reply.status === 204 ? null : reply.json();
}

/**
 * The events of a stream, as `{name, data}` with parsed data. EventSource can carry neither a key nor a body.
 * @throws {Problem | Unreachable | BrokenOff}
 */
export async function* events(method, path, options = {}) {
  const reply = await request(method, path, { ...options, accept: "text/event-stream" });
  const reader = reply.body.pipeThrough(new TextDecoderStream()).getReader();
  let waiting = "";
  try {
    for (;;) {
      const { value, done } = await reader.read();
      if (done) return;
      waiting += value;
      const parts = waiting.split(/\r?\n\r?\n/);
      waiting = parts.pop();
      for (const part of parts) {
        const event = eventOf(part);
        if (event) yield event;
      }
    }
  } catch (error) {
    if (options.signal?.aborted) throw error;
    throw new BrokenOff(String(error));
  } finally {
    // Who stops reading before the end must not keep the connection; after it this does nothing.
    reader.cancel().catch(() => {});
  }
}

function eventOf(text) {
  const lines = text.split(/\r?\n/);
  const told = (field) =>
    lines.filter((line) => line.startsWith(`${field}:`)).map((line) => line.slice(field.length + 1).replace(/^ /, ""));
  const data = told("data");
  return data.length ? { name: told("event")[0] ?? "message", data: JSON.parse(data.join("\n")) } : null;
}

/**
 * Asks a question; the answer object.
 * @param {string} question
 * @param {string[]} turns the questions before it
 * @param {{onEvent: (name: string, data: any) => void, signal?: AbortSignal}} options
 * @throws {Problem | Unreachable | BrokenOff}
 */
export async function askStream(question, turns, { onEvent, signal }) {
  const body = { question, turns: turns.slice(-MOST_TURNS), stream: true };
  let answer = null;
  // Read to its end: a stream that is left early counts as one that its reader gave up.
  for await (const { name, data } of events("POST", "/api/ask", { body, signal })) {
    if (name === "error") throw new Problem(data.status, data, null);
    if (name === "done") answer = data;
    else onEvent(name, data);
  }
  if (!answer) throw new BrokenOff("the stream ended without an answer");
  return answer;
}

const MOST_TURNS = 50;
