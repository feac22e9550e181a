import { bars, lines } from "./charts.js";
import { h } from "./dom.js";
import { openSource } from "./source.js";
import { t } from "./words.js";

const NAMES = 3;

/** The table of a comparison: every figure opens its sentence, every column sorts. */
export function comparisonTable(reply) {
  const { columns, rows, cells, citations } = reply;
  const byNumber = new Map(citations.map((one) => [one.n, one]));
  const body = h("tbody");
  const lines_ = rows.map((row, index) => ({ row, cells: cells[index] }));
  let sorted = { column: -1, isUp: true };

  function draw() {
    body.replaceChildren(...lines_.map((line) => rowOf(line, byNumber)));
  }

  function sort(column) {
    const isUp = sorted.column === column ? !sorted.isUp : column < NAMES;
    sorted = { column, isUp };
    // Growth and amounts are different things: where growth is told, what has only an amount stands last.
    const byGrowth = lines_.some((line) => typeof line.cells[column]?.growth_percent === "number");
    lines_.sort((a, b) => compareCells(a, b, column, isUp, byGrowth));
    heads.forEach((head, index) => {
      if (index === column) head.setAttribute("aria-sort", isUp ? "ascending" : "descending");
      else head.removeAttribute("aria-sort");
    });
    draw();
  }

  const heads = columns.map((name, column) =>
    h("th", { scope: "col" }, h("button", { type: "button", class: "sort", onclick: () => sort(column), title: t("sort_by", { name }) }, name)),
  );
  draw();
  return h(
    "div",
    { class: "wide", tabindex: "0", role: "region", "aria-label": t("mode_compare") },
    h("table", { class: "comparison" }, h("thead", {}, h("tr", {}, heads)), body),
  );
}

/** What is not stated stands last, whichever way the rest is sorted. */
function compareCells(a, b, column, isUp, byGrowth) {
  const [one, other] = [a, b].map((line) => numberOf(line.cells[column], byGrowth));
  if (one === null && other === null) {
    return column < NAMES ? (isUp ? 1 : -1) * a.row[column].text.localeCompare(b.row[column].text, "zh") : 0;
  }
  if (one === null || other === null) return one === null ? 1 : -1;
  return (isUp ? 1 : -1) * (one - other);
}

function numberOf(cell, byGrowth) {
  const told = byGrowth ? cell?.growth_percent : cell?.value;
  const number = told === null || told === undefined ? Number.NaN : Number(told);
  return Number.isNaN(number) ? null : number;
}

function rowOf({ row, cells }, byNumber) {
  return h("tr", {}, row.map((cell, index) => cellOf(cell, cells[index], byNumber, index)));
}

function cellOf({ text, citation }, cell, byNumber, index) {
  if (index < NAMES) return h(index ? "td" : "th", index ? {} : { scope: "row" }, text);
  const source = byNumber.get(citation ?? cell?.citations?.[0]);
  const kind = cell?.told === "stated" ? cell.status : (cell?.told ?? "blank");
  if (!source) return h("td", { class: `cell ${kind}` }, text);
  const open = h(
    "button",
    { type: "button", class: "figure", title: t("cell_source"), onclick: () => openSource(source) },
    text.replace(/\[\d+\]/g, ""),
  );
  return h("td", { class: `cell ${kind}` }, open);
}

// --- charts --------------------------------------------------------------------------------------

/** The charts that a comparison can be shown as: an indicator, a measure, and what stands side by side. */
export function chartsOf(reply) {
  // By the row's own name: two reports that name no place are not one.
  const named = (row, cell) => cell && { ...cell, place: row[0].text };
  const stated = reply.cells
    .flatMap((cells, index) => cells.map((cell) => named(reply.rows[index], cell)))
    .filter((cell) => cell?.told === "stated");
  const box = h("div", { class: "charts" });
  const indicators = distinct(stated.map((cell) => cell.indicator));
  if (!indicators.length) return box;
  const choice = { indicator: indicators[0], measure: null, at: null };

  function draw() {
    const own = stated.filter((cell) => cell.indicator === choice.indicator);
    const measures = measuresOf(own);
    choice.measure = measures.some((one) => one.key === choice.measure) ? choice.measure : measures[0]?.key;
    const measure = measures.find((one) => one.key === choice.measure);
    const selects = [
      indicators.length > 1 && select("indicator", indicators.map((name) => [name, name]), choice.indicator, set("indicator")),
      measures.length > 1 && select("figure", measures.map((one) => [one.key, one.label]), choice.measure, set("measure")),
    ];
    box.replaceChildren(...[h("h2", {}, t("chart")), h("div", { class: "row" }, ...selects.filter(Boolean))]);
    if (!measure) box.append(h("p", { class: "label" }, t("chart_none")));
    else box.append(...drawing(own, measure, choice, set("at")));
  }

  const set = (name) => (value) => {
    choice[name] = value;
    draw();
  };
  draw();
  return box;
}

/** What may stand on one axis: growth rates, and amounts of one unit. */
function measuresOf(cells) {
  const growth = cells.filter((cell) => cell.growth_percent !== null);
  const units = distinct(cells.filter((cell) => cell.value !== null && Number.isFinite(Number(cell.value))).map((cell) => cell.unit));
  return [
    ...distinct(growth.map((cell) => cell.basis)).map((basis) => ({
      key: `growth ${basis}`,
      label: t("measure_growth"),
      of: (cell) => (cell.basis === basis ? cell.growth_percent : null),
    })),
    ...units.map((unit) => ({
      key: `amount ${unit}`,
      label: t("measure_amount", { unit: unit ?? "" }),
      of: (cell) => (cell.unit === unit && cell.value !== null ? Number(cell.value) : null),
    })),
  ];
}

function drawing(cells, measure, choice, setAt) {
  const own = cells.filter((cell) => measure.of(cell) !== null);
  const places = distinct(own.map((cell) => cell.place));
  const periods = distinct(own.map((cell) => cell.period)).sort();
  const isLine = places.length === 1 && periods.filter((one) => !one.includes("-")).length > 1;
  const ats = isLine ? places : periods;
  const at = ats.includes(choice.at) ? choice.at : fullest(own, ats, isLine);
  const shown = own.filter((cell) => (isLine ? !cell.period.includes("-") : cell.period === at));
  const series = ["actual", "estimate", "target"].filter((status) => shown.some((cell) => cell.status === status));
  const labels = isLine ? distinct(shown.map((cell) => cell.period)).sort() : distinct(shown.map((cell) => cell.place));
  const groups = labels.map((label) => ({ label, values: series.map((status) => valueOf(shown, measure, label, status, isLine)) }));
  const names = series.map((status) => t(`status_${status}`));
  const title = `${t("chart_of", { indicator: choice.indicator, measure: measure.label })} · ${at}`;
  const figures = groups
    .map(({ label, values }) => `${label} ${values.map((value, index) => (value === null ? "" : `${names[index]} ${value}`)).filter(Boolean).join(", ")}`)
    .join("; ");
  const draw = isLine ? lines : bars;
  const picture = draw({ title, description: t("chart_says", { title, figures }), series: names, groups });
  const pick = ats.length > 1 && select(isLine ? "chart_place" : "chart_period", ats.map((one) => [one, one]), at, setAt);
  return [pick, h("figure", {}, h("figcaption", {}, title), picture)].filter(Boolean);
}

const fullest = (cells, ats, isLine) =>
  [...ats].sort((a, b) => count(cells, b, isLine) - count(cells, a, isLine) || b.localeCompare(a))[0];
const count = (cells, at, isLine) => cells.filter((cell) => (isLine ? cell.place : cell.period) === at).length;

function valueOf(cells, measure, label, status, isLine) {
  const same = (cell) => (isLine ? cell.period : cell.place) === label && cell.status === status;
  const cell = cells.find(same);
  return cell ? measure.of(cell) : null;
}

function select(name, options, chosen, onChange) {
  const field = h("select", {}, options.map(([value, label]) => h("option", { value, selected: value === chosen }, label)));
  field.addEventListener("change", () => onChange(field.value));
  return h("label", { class: "inline" }, t(name), " ", field);
}

const distinct = (values) => [...new Set(values)];
