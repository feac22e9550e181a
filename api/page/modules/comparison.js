import { h } from "./dom.js";
import { openSource } from "./source.js";
import { cell as tableCell, row, rowHead, sortHeads, sortLines, table, tableBody } from "./tables.js";
import { numberOf } from "./measures.js";
import { t } from "./words.js";

// Place, indicator, period.
const NAMES = 3;
const SEPARATOR = /、$|, $/;

/**
 * A comparison without the rows in which nothing is stated: those of places and periods that nobody asked for
 * by name would bury the others.
 * @param {object} reply of /api/compare
 * @returns {{reply: object, left: number}} and how many were left out
 */
export function withoutEmptyRows(reply) {
  const kept = reply.cells.map((cells) => cells.some((one) => one?.told === "stated"));
  const chosen = (all) => all.filter((_, index) => kept[index]);
  return { reply: { ...reply, rows: chosen(reply.rows), cells: chosen(reply.cells) }, left: kept.filter((one) => !one).length };
}

/** The table of a comparison: every figure opens its sentence, every column sorts. */
export function comparisonTable({ columns, rows, cells, citations }) {
  const byNumber = new Map(citations.map((one) => [one.n, one]));
  const lines = rows.map((texts, index) => ({ texts, cells: cells[index] }));
  const body = tableBody();
  const draw = () => body.replaceChildren(...lines.map((line) => rowOf(line, columns, byNumber)));
  const heads = sortHeads(columns, {
    isDownFirst: (column) => column >= NAMES,
    onSort: (column, isUp) => {
      sortLines(lines, sortedBy(lines, column), isUp);
      draw();
    },
  });
  draw();
  return table({ label: t("mode_compare"), heads, body, name: "comparison" });
}

/** What a column sorts by: growth and amounts are different things, so that where growth is told, amounts alone stand last. */
function sortedBy(lines, column) {
  if (column < NAMES) return (line) => line.texts[column].text;
  const byGrowth = lines.some((line) => typeof line.cells[column]?.growth_percent === "number");
  return (line) => numberOf(line.cells[column], byGrowth);
}

const rowOf = ({ texts, cells }, columns, byNumber) =>
  row(texts.map((one, index) => (index ? cellOf(one, cells[index], columns[index], byNumber, index) : rowHead(one.text))));

function cellOf({ text, citation }, cell, column, byNumber, index) {
  if (index < NAMES) return tableCell(column, "name", text);
  const kind = cell?.told === "stated" ? cell.status : (cell?.told ?? "blank");
  const source = byNumber.get(citation ?? cell?.citations?.[0]);
  return tableCell(column, kind, source ? figures(text, source, byNumber) : text);
}

/** The figures of a cell, each with its sentence: `2668.5亿元、增长5.5%[2]` has its growth in another one than its amount. */
function figures(text, first, byNumber) {
  const nodes = [];
  let waiting = "";
  const take = (told, source) => told && nodes.push(figure(told.replace(SEPARATOR, ""), source), SEPARATOR.exec(told)?.[0]);
  for (const phrase of text.split(/(?<=、|, )/)) {
    const [, told, n] = /^(.*?)\[(\d+)\]/.exec(phrase) ?? [];
    if (n === undefined) {
      waiting += phrase;
      continue;
    }
    take(waiting, first);
    take(told, byNumber.get(Number(n)) ?? first);
    waiting = "";
  }
  take(waiting, first);
  return nodes;
}

const figure = (text, source) =>
  h("button", { type: "button", class: "figure", title: t("cell_source"), onclick: () => openSource(source) }, text);
