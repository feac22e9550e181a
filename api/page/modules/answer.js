import { h } from "./dom.js";
import { addressOf, openSource } from "./source.js";
import { language, t } from "./words.js";

const MARKER = /(\[\d+\])/;
// More sources than this are folded away below the answer.
const OPEN_SOURCES = 4;

/** The text of an answer: its lines, with markers that open their source and figures that were checked. */
export function textOf(text, citations, checks = []) {
  const byNumber = new Map(citations.map((one) => [one.n, one]));
  const left = [...checks];
  return text
    .split("\n")
    .filter((line) => line.trim())
    .map((line) => h("p", {}, line.split(MARKER).map((part) => pieceOf(part, byNumber, left))));
}

function pieceOf(part, byNumber, checks) {
  const number = Number(MARKER.test(part) ? part.slice(1, -1) : Number.NaN);
  if (byNumber.has(number)) return markerOf(byNumber.get(number));
  return checkedFigures(part, checks);
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
  while (checks.length) {
    const { figure, supported, citation } = checks[0];
    const at = text.indexOf(figure, from);
    if (at < 0) break;
    checks.shift();
    if (!supported) continue;
    pieces.push(text.slice(from, at), h("span", { class: "checked", title: t("checked", { n: citation }) }, figure));
    from = at + figure.length;
  }
  return [...pieces, text.slice(from)];
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

function provenance(answer) {
  const checked = answer.checks.filter((one) => one.supported).length;
  return h(
    "span",
    { class: "provenance" },
    checked > 0 && h("span", { class: "ticked" }, t("checked_all", { n: checked })),
    answer.generator !== "extractive" && h("span", {}, t("by_model", { model: answer.generator })),
  );
}

function notesOf(notes) {
  return h("ul", { class: "notes", "aria-label": t("notes") }, notes.map((note) => h("li", {}, note)));
}

/** A table of an answer; every cell that is cited opens its sentence. */
export function tableOf({ table, citations }) {
  const byNumber = new Map(citations.map((one) => [one.n, one]));
  const cell = ({ text, citation }, index) =>
    h(index ? "td" : "th", index ? {} : { scope: "row" }, cellText(text, citation, byNumber));
  return h(
    "div",
    { class: "wide", tabindex: "0", role: "region", "aria-label": table.columns.join("、") },
    h(
      "table",
      {},
      h("thead", {}, h("tr", {}, table.columns.map((name) => h("th", { scope: "col" }, name)))),
      h("tbody", {}, table.rows.map((row) => h("tr", {}, row.map(cell)))),
    ),
  );
}

function cellText(text, number, byNumber) {
  const pieces = text.split(MARKER).map((part) => pieceOf(part, byNumber, []));
  const citation = byNumber.get(number);
  return citation ? [...pieces, markerOf(citation)] : pieces;
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
