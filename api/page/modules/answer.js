import { h } from "./dom.js";
import { addressOf, openSource } from "./source.js";
import { language, t } from "./words.js";

const MARKER = /(\[\d+\])/;
// More sources than this are folded away below the answer.
const OPEN_SOURCES = 4;

/** The text of an answer: its lines, with markers that open their source and figures that were checked. */
export function textOf(text, citations, checks = []) {
  const byNumber = numbered(citations);
  const left = [...checks];
  return text
    .split("\n")
    .filter((line) => line.trim())
    .map((line) => h("p", {}, piecesOf(line, byNumber, left)));
}

const numbered = (citations) => new Map(citations.map((one) => [one.n, one]));

function piecesOf(line, byNumber, checks) {
  const pieces = [];
  for (const part of line.split(MARKER)) {
    const citation = MARKER.test(part) && byNumber.get(Number(part.slice(1, -1)));
    if (citation) glue(pieces, markerOf(citation));
    else pieces.push(...afterMarker(pieces, checkedFigures(part, checks)));
  }
  return pieces;
}

/** Keeps a marker on the line of what it stands behind: a browser may break a line before any button. */
function glue(pieces, marker) {
  while (pieces.at(-1) === "") pieces.pop();
  const last = pieces.pop();
  if (last instanceof Node && last.className === "glued") {
    last.append(marker);
    pieces.push(last);
    return;
  }
  const [rest, end] = typeof last === "string" ? endOf(last) : ["", last ?? ""];
  pieces.push(rest, h("span", { class: "glued" }, end, marker));
}

/** A text without its last character and the blanks behind it, and those. */
function endOf(text) {
  const at = text.search(/\S\s*$/u);
  return at < 0 ? ["", text] : [text.slice(0, at), text.slice(at)];
}

/** Moves punctuation behind a marker to it: no line begins with a full stop. */
function afterMarker(before, pieces) {
  const [first, ...others] = pieces;
  const last = before.at(-1);
  if (!(last instanceof Node) || typeof first !== "string") return pieces;
  const [stop] = /^[。，；：、！？）”,;:.!?)]*/u.exec(first);
  last.append(stop);
  return [first.slice(stop.length), ...others];
}

function markerOf(citation) {
  const label = t("open_source", { n: citation.n });
  return h(
    "button",
    { type: "button", class: "marker", "aria-label": label, onclick: () => openSource(citation) },
    `[${citation.n}]`,
  );
}

/** Marks the figures of a text that stand in `checks`, in their order, and takes them out of it. */
function checkedFigures(text, checks) {
  const pieces = [];
  let from = 0;
  for (const check of [...checks]) {
    const at = figureAt(check.figure, text, from);
    // It stands in another line, or only in the table.
    if (at < 0) continue;
    checks.splice(checks.indexOf(check), 1);
    if (!check.supported) continue;
    pieces.push(text.slice(from, at), ticked(check));
    from = at + check.figure.length;
  }
  return [...pieces, text.slice(from)];
}

/** Where a figure stands in a text as a whole, -1 if nowhere: 5% is not in 7.5%. */
function figureAt(figure, text, from) {
  for (let at = text.indexOf(figure, from); at >= 0; at = text.indexOf(figure, at + 1)) {
    const isWhole = !/[\d.]$/.test(text.slice(0, at)) && !/^\d/.test(text.slice(at + figure.length));
    if (isWhole) return at;
  }
  return -1;
}

function ticked({ figure, citation }) {
  const words = t("checked", { n: citation });
  return h("span", { class: "checked", title: words, "data-checked": words }, figure);
}

/** Everything below the text of an answer: table, notes, sources, and what may be done with it. */
export function detailsOf(answer, actions) {
  return [
    answer.status === "partial" && h("p", { class: "label" }, t("partial")),
    answer.refusal && refusalOf(answer.refusal),
    answer.table && tableOf(answer),
    answer.notes.length > 0 && notesOf(answer.notes),
    answer.citations.length > 0 && sourcesOf(answer.citations),
    h("div", { class: "below" }, provenance(answer), ...actions),
  ].filter(Boolean);
}

function refusalOf(refusal) {
  return h(
    "p",
    { class: "label" },
    `${t("refused")} · ${t(`reason_${refusal.reason}`)} `,
    h("a", { href: "#/reports" }, t("see_reports")),
  );
}

function provenance({ checks, generator }) {
  const n = checks.filter((one) => one.supported).length;
  const words = t(n === checks.length ? "checked_all" : "checked_some", { n, all: checks.length });
  return h(
    "span",
    { class: "provenance" },
    n > 0 && h("span", { class: "ticked" }, words),
    generator !== "extractive" && h("span", {}, t("by_model", { model: generator })),
  );
}

function notesOf(notes) {
  return h("ul", { class: "notes", "aria-label": t("notes") }, notes.map((note) => h("li", {}, note)));
}

/** The table of an answer; every cell that is cited opens its sentence. */
function tableOf({ table, citations, checks }) {
  const byNumber = numbered(citations);
  const cell = ({ text, citation }, index) => {
    const own = checks.filter((one) => one.citation === citation);
    return h(index ? "td" : "th", index ? {} : { scope: "row" }, cellPieces(text, byNumber.get(citation), byNumber, own));
  };
  return h(
    "div",
    { class: "wide", tabindex: "0", role: "region", "aria-label": t("table_of", { columns: table.columns.join("、") }) },
    h(
      "table",
      {},
      h("thead", {}, h("tr", {}, table.columns.map((name) => h("th", { scope: "col" }, name)))),
      h("tbody", {}, table.rows.map((row) => h("tr", {}, row.map(cell)))),
    ),
  );
}

function cellPieces(text, citation, byNumber, checks) {
  const pieces = piecesOf(text, byNumber, checks);
  if (citation) glue(pieces, markerOf(citation));
  return pieces;
}

function sourcesOf(citations) {
  const list = h("ol", {}, citations.map(sourceOf));
  return h(
    "details",
    { class: "sources", open: citations.length <= OPEN_SOURCES },
    h("summary", {}, t("sources", { n: citations.length })),
    list,
  );
}

function sourceOf(citation) {
  const path = [citation.report_title, ...citation.headings].filter(Boolean).join(" › ");
  return h(
    "li",
    { value: citation.n },
    h(
      "a",
      {
        href: addressOf(citation),
        onclick: (event) => {
          // With a modifier the report opens in a tab of its own, as any link would.
          if (event.metaKey || event.ctrlKey || event.shiftKey) return;
          event.preventDefault();
          openSource(citation);
        },
      },
      path,
    ),
    h("q", {}, citation.quote),
  );
}

/** The answer with its sources as plain text, for the clipboard. */
export function plainText(answer) {
  const page = `${location.origin}${location.pathname}`;
  const rows = answer.table ? [answer.table.columns, ...answer.table.rows.map((row) => row.map((one) => one.text))] : [];
  const sources = answer.citations.map(
    (one) =>
      `[${one.n}] ${[one.report_title, ...one.headings].filter(Boolean).join(" › ")}${language() === "zh" ? "：" : ": "}“${one.quote}” ${page}${addressOf(one)}`,
  );
  const parts = [answer.answer, rows.map((row) => row.join("\t")).join("\n"), answer.notes.join("\n"), sources.join("\n")];
  return parts.filter(Boolean).join("\n\n");
}
