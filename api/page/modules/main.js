import { announce, h } from "./dom.js";
import { key, manageKey, onKey } from "./keys.js";
import { language, onLanguage, setLanguage, t } from "./words.js";

// Loaded when they are shown: the first view is not to wait for the others.
const VIEWS = {
  ask: () => import("./ask.js"),
  reports: () => import("./reports.js"),
  report: () => import("./report.js"),
  figures: () => import("./figures.js"),
  evaluation: () => import("./evaluation.js"),
};
const STYLES = { reports: "reports", report: "reports", figures: "figures", evaluation: "evaluation" };

const outlet = document.getElementById("view");
let leave = null;
let showing = 0;

/** The view that an address names, and its parameters: `#/reports/ID?start=1` is report, {id, start}. */
export function route(hash) {
  const [path, query = ""] = hash.replace(/^#\/?/, "").split("?");
  const parameters = new URLSearchParams(query);
  const [name = "", ...rest] = path.split("/").filter(Boolean).map(decoded);
  if (name === "reports" && rest.length === 1) {
    parameters.set("id", rest[0]);
    return { view: "report", parameters };
  }
  if (rest.length) return { view: "", parameters };
  return { view: name || "ask", parameters };
}

function decoded(part) {
  try {
    return decodeURIComponent(part);
  } catch {
    // A half-typed address is a wrong one, no fault of the page.
    return part;
  }
}

async function show({ focus = true } = {}) {
  const mine = ++showing;
  const { view, parameters } = route(location.hash);
  mark(view);
  leave?.();
  leave = null;
  if (!(view in VIEWS)) {
    outlet.replaceChildren(h("p", { class: "empty" }, t("not_found")));
    return;
  }
  document.title = titleOf(view);
  const loading = VIEWS[view]();
  if (STYLES[view]) await styled(STYLES[view]);
  const module = await loading;
  if (mine !== showing) return;
  outlet.replaceChildren();
  outlet.dataset.view = view;
  if (focus) {
    outlet.focus({ preventScroll: true });
    announce(document.title);
  }
  window.scrollTo(0, 0);
  const left = await module.show(outlet, parameters);
  // Who went on to another view meanwhile has left this one already.
  if (mine === showing) leave = left ?? null;
  else left?.();
}

/** The title of a view: what tabs, history and screen readers call it. */
function titleOf(view) {
  const named = view === "report" ? "reports" : view;
  return `${t(`nav_${named}`)} · 问政`;
}

const styles = new Map();

/** The view's style sheet, once, before the view is shown: text without it would jump. */
function styled(name) {
  if (!styles.has(name)) {
    const link = h("link", { rel: "stylesheet", href: `/static/styles/${name}.css` });
    styles.set(name, new Promise((resolve) => {
      link.addEventListener("load", resolve);
      link.addEventListener("error", resolve);
    }));
    document.head.append(link);
  }
  return styles.get(name);
}

function mark(view) {
  const current = view === "report" ? "reports" : view;
  for (const link of document.querySelectorAll("nav [data-view]")) {
    if (link.dataset.view === current) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  }
}

function translate() {
  document.documentElement.lang = language() === "zh" ? "zh-CN" : "en";
  for (const node of document.querySelectorAll("[data-said]")) node.textContent = t(node.dataset.said);
  for (const node of document.querySelectorAll("[data-label]")) node.setAttribute("aria-label", t(node.dataset.label));
  const other = document.getElementById("language");
  other.textContent = t("other_language");
  other.lang = language() === "zh" ? "en" : "zh-CN";
  sayTheme();
}

const isDark = () => {
  const chosen = document.documentElement.dataset.theme;
  return chosen ? chosen === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
};

function sayTheme() {
  document.getElementById("theme").textContent = t(isDark() ? "theme_to_light" : "theme_to_dark");
}

function changeTheme() {
  const theme = isDark() ? "light" : "dark";
  document.documentElement.dataset.theme = theme;
  try {
    localStorage.setItem("wenzheng.theme", theme);
  } catch {
    // It holds until the page is closed.
  }
  sayTheme();
}

document.getElementById("language").addEventListener("click", () => setLanguage(language() === "zh" ? "en" : "zh"));
document.getElementById("theme").addEventListener("click", changeTheme);
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", sayTheme);
window.addEventListener("hashchange", () => show());
// The skip link is no address of a view.
document.querySelector(".skip").addEventListener("click", (event) => {
  event.preventDefault();
  outlet.focus();
});
const sayKey = () => {
  document.getElementById("keys").hidden = !key();
};

document.getElementById("keys").addEventListener("click", manageKey);
onKey(sayKey);
sayKey();
onLanguage(() => {
  translate();
  show({ focus: false });
});
translate();
show({ focus: false });
