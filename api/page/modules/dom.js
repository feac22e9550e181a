/**
 * An element. Children that are strings become text, never markup: what reports and users wrote is shown as
 * it is. Attributes: `class`, `data-*`, `aria-*`, properties, and `onclick` and the like as functions; those that
 * are null, undefined or false are left out.
 * @param {string} name
 * @param {Record<string, unknown>} [attributes]
 * @param {...(Node | string | number | null | false | undefined | Array)} children
 * @returns {HTMLElement}
 */
export function h(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (key.startsWith("on")) made.addEventListener(key.slice(2), value);
    else made.setAttribute(key, value === true ? "" : String(value));
  }
  made.append(...children.flat(Infinity).filter(isThere).map(asNode));
  return made;
}

const isThere = (child) => child !== null && child !== undefined && child !== false;
const asNode = (child) => (child instanceof Node ? child : harmless(String(child)));

// Signs that are not read but obeyed: those that turn the direction of text would show 6.7 where 7.6 is written.
const ACTS = /[\0-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ufff9-\ufffb]/g;

/** A text in which each sign that acts on others is shown as a replacement sign: as many as before. */
export const harmless = (text) => text.replace(ACTS, "\ufffd");

const MOST_SAID = 20;

/** Says a line to screen readers, after those before it and without moving the focus. */
export function announce(line, lang = null) {
  const said = document.getElementById("said");
  said.append(h("p", { lang }, line));
  while (said.children.length > MOST_SAID) said.firstElementChild.remove();
}

/** A value kept in the browser; `fallback` where there is none or storage is forbidden. */
export function recall(key, fallback) {
  try {
    return JSON.parse(localStorage.getItem(`wenzheng.${key}`)) ?? fallback;
  } catch {
    return fallback;
  }
}

/** Keeps a value in the browser; false if it does not let us: storage may be full or forbidden. */
export function keep(key, value) {
  try {
    localStorage.setItem(`wenzheng.${key}`, JSON.stringify(value));
    return true;
  } catch {
    return false;
  }
}
