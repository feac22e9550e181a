import { keep, recall } from "./dom.js";
import en from "./words/en.js";
import zh from "./words/zh.js";

const TABLES = { zh: { ...zh }, en: { ...en } };
const changes = new EventTarget();
let current = recall("language", navigator.language.toLowerCase().startsWith("zh") ? "zh" : "en");
if (!(current in TABLES)) current = "zh";

/** Adds the words of a view that is loaded later. */
export function addWords(name, table) {
  Object.assign(TABLES[name], table);
}

/** The language of the page: "zh" or "en". */
export const language = () => current;

export function setLanguage(name) {
  current = name;
  keep("language", name);
  changes.dispatchEvent(new Event("change"));
}

/** Calls back after every change of the language; returns what ends it. */
export function onLanguage(callback) {
  changes.addEventListener("change", callback);
  return () => changes.removeEventListener("change", callback);
}

/** The words for a key, with `{name}` replaced by the values. A key without words is shown as it is. */
export function t(key, values = {}) {
  const words = TABLES[current][key] ?? key;
  return words.replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);
}
