import { getJSON } from "./api.js";
import { copiesOf, kinOf } from "./copies.js";
import { h } from "./dom.js";
import { outline } from "./outline.js";
import { fileTools, placeOfMark, showPages } from "./pages.js";
import "./words/reports.js";
import { t } from "./words.js";

/**
 * One report: its table of contents and full text; `start` and `end` in the address mark a sentence. With
 * `view=page` its pages as printed, where they are kept.
 */
export async function show(outlet, parameters) {
  const id = parameters.get("id");
  // Of its own: who has gone on to another view must not find this one there.
  const body = h("div", {}, h("p", { class: "empty", role: "status" }, t("loading")));
  outlet.append(body);
  try {
    const report = await getJSON(`/api/reports/${encodeURIComponent(id)}`);
    if (parameters.get("view") === "page" && report.original?.pages) {
      body.replaceChildren(...head(report, parameters, true));
      await showPages(body, report, parameters);
      return;
    }
    const mark = markOf(parameters, report);
    const [signs, place] = await Promise.all([wholeText(report), placeOfMark(report, parameters, mark)]);
    body.replaceChildren(...head(report, parameters, false), ...[place].filter(Boolean), reading(report, signs, mark));
    showMark(body);
  } catch (error) {
    body.replaceChildren(
      h("p", { class: "wrong", role: "alert" }, error.message),
      h("p", {}, h("a", { href: "#/reports" }, t("back"))),
    );
  }
}

function showMark(outlet) {
  const mark = outlet.querySelector("mark");
  if (!mark) return;
  mark.scrollIntoView({ block: "center", behavior: "instant" });
  // Reading on, by keyboard or screen reader, begins at the sentence.
  mark.focus({ preventScroll: true });
}

/** The stretch of the report's text that the address marks; null if it marks none that could be. */
function markOf(parameters, report) {
  const [start, end] = ["start", "end"].map((name) => Number.parseInt(parameters.get(name) ?? "", 10) - report.start);
  return start >= 0 && start < end ? { start, end } : null;
}

/** The report's own stretch of its file in characters; a long one comes in several parts. */
async function wholeText({ report_id, start, end }) {
  const parts = [];
  for (let from = start; from !== null && from < end; ) {
    const told = await getJSON(`/api/reports/${encodeURIComponent(report_id)}/text?start=${from}&end=${end}`);
    parts.push(told.text);
    from = told.next;
  }
  return Array.from(parts.join(""));
}

function head(report, parameters, isPage) {
  return [
    h("p", {}, h("a", { href: "#/reports" }, t("back"))),
    h("h1", {}, report.title),
    h("p", { class: "lead" }, lead(report), sourceLink(report)),
    kinship(report),
    report.warnings.length > 0 && h("ul", { class: "warnings" }, report.warnings.map((one) => h("li", {}, one))),
    fileTools(report, parameters, isPage),
  ].filter(Boolean);
}

/** From where else the report is held, and which other answers in its stead. */
function kinship(report) {
  const told = [kinOf(report), copiesOf(report)].filter(Boolean);
  return told.length > 0 && h("p", { class: "lead" }, told);
}

function reading(report, signs, mark) {
  const headings = outline(report.sections, signs, report.start).map((one, index) => ({ ...one, id: `heading-${index}` }));
  return h(
    "div",
    { class: "reading" },
    contents(headings),
    h("article", { class: "full", lang: "zh-CN" }, text(headings, signs, mark)),
  );
}

/** The way to the page that the report was fetched from, or that its file names as its own. */
function sourceLink({ url }) {
  // A file may name anything; only these are addresses of pages.
  if (!url || !/^https?:\/\//.test(url)) return null;
  return [" · ", h("a", { href: url, target: "_blank", rel: "noopener noreferrer" }, t("source_page"))];
}

function lead(report) {
  const periods = `${t("periods")} ${report.reviewed_period ?? "—"} / ${report.planned_period ?? "—"}`;
  const told = [report.place ?? t("unnamed"), report.delivered ?? report.year, report.speaker, periods, t("file", { name: report.source })];
  return told.filter(Boolean).join(" · ");
}

// --- text ----------------------------------------------------------------------------------------

/** The text sign for sign, its headings as headings. */
function text(headings, signs, mark) {
  const nodes = [];
  let from = 0;
  for (const heading of headings) {
    nodes.push(...stretch(signs, from, heading.start, mark));
    nodes.push(headingNode(heading, signs, mark));
    from = heading.end;
  }
  return [...nodes, ...stretch(signs, from, signs.length, mark)];
}

function headingNode({ id, depth, start, end }, signs, mark) {
  // A heading that is not found in print is a place to go to, and no words of ours in the report.
  const name = end > start ? `h${Math.min(depth + 1, 6)}` : "span";
  return h(name, { id, tabindex: "-1" }, stretch(signs, start, end, mark));
}

/** The signs from one to another, with what is marked of them marked. */
function stretch(signs, from, to, mark) {
  const part = (start, end) => signs.slice(start, end).join("");
  if (!mark || mark.start >= to || mark.end <= from) return from < to ? [part(from, to)] : [];
  const [start, end] = [Math.max(mark.start, from), Math.min(mark.end, to)];
  return [part(from, start), h("mark", { tabindex: "-1" }, part(start, end)), part(end, to)].filter((piece) => piece !== "");
}

// --- contents ------------------------------------------------------------------------------------

function contents(headings) {
  if (!headings.length) return null;
  return h(
    "nav",
    { class: "contents", "aria-label": t("contents") },
    h(
      "details",
      { open: matchMedia("(min-width: 60rem)").matches },
      h("summary", {}, t("contents")),
      h("ol", {}, headings.map(entry)),
    ),
  );
}

function entry({ id, heading, depth, kind }) {
  const go = () => {
    const target = document.getElementById(id);
    target.scrollIntoView({ block: "start" });
    target.focus({ preventScroll: true });
  };
  const told = depth === 1 && ["review", "plan", "government"].includes(kind);
  return h(
    "li",
    { class: `depth-${Math.min(depth, 3)}` },
    h("button", { type: "button", class: "plain", onclick: go }, heading),
    told && h("span", { class: "tag" }, t(`kind_${kind}`)),
  );
}
