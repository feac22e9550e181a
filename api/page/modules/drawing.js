import { bars, lines } from "./charts.js";
import { h } from "./dom.js";
import { distinct, measuresOf, qualified } from "./measures.js";
import { t } from "./words.js";

const STATUSES = ["actual", "estimate", "target"];

/** The charts that a comparison can be shown as: an indicator, a measure, and what stands side by side. */
export function chartsOf(reply) {
  // By the row's own names, which are in the reader's language: two reports that name no place are not one.
  const named = (cell, index) => cell && { ...cell, place: reply.rows[index][0].text, indicator: reply.rows[index][1].text };
  const stated = reply.cells.flatMap((cells, index) => cells.map((cell) => named(cell, index))).filter((cell) => cell?.told === "stated");
  const box = h("section", { class: "charts", "aria-label": t("chart") });
  const indicators = distinct(stated.map((cell) => cell.indicator));
  if (!indicators.length) return box;
  const choice = { indicator: indicators[0], measure: null, shape: null, at: null };

  function set(name, value) {
    choice[name] = value;
    draw();
    // What was chosen in is drawn anew: the focus would be lost with it.
    box.querySelector(`[data-choice="${name}"]`)?.focus();
  }

  function draw() {
    const own = stated.filter((cell) => cell.indicator === choice.indicator);
    const measures = measuresOf(own);
    const measure = measures.find((one) => one.key === choice.measure) ?? measures[0];
    const view = measure && viewOf(own, measure, choice);
    const selects = [
      select("indicator", t("indicator"), indicators.map((name) => [name, name]), choice.indicator, set),
      select("measure", t("figure"), measures.map((one) => [one.key, one.label]), measure?.key, set),
      view && select("shape", t("chart_shape"), view.shapes.map((one) => [one, t(`shape_${one}`)]), view.shape, set),
      view && select("at", t(view.isLine ? "chart_place" : "chart_period"), view.ats.map((one) => [one, one]), view.at, set),
    ];
    box.replaceChildren(
      h("h2", {}, t("chart")),
      h("div", { class: "row" }, selects),
      measure ? picture(choice.indicator, measure, view) : h("p", { class: "label" }, t("chart_none")),
    );
  }

  draw();
  return box;
}

function select(name, label, options, chosen, set) {
  if (options.length < 2) return null;
  const field = h("select", { "data-choice": name }, options.map(([value, told]) => h("option", { value, selected: value === chosen }, told)));
  field.addEventListener("change", () => set(name, field.value));
  return h("label", { class: "inline" }, label, " ", field);
}

/** What stands side by side: places in one period, as bars, or the years of one place, as a line. */
function viewOf(cells, measure, { shape: wantedShape, at: wantedAt }) {
  const own = cells.filter((cell) => measure.of(cell) !== null);
  const inYears = own.filter((cell) => !cell.period.includes("-"));
  const yearsOf = (place) => distinct(inYears.filter((cell) => cell.place === place).map((cell) => cell.period)).length;
  const places = distinct(own.map((cell) => cell.place));
  const lasting = places.filter((place) => yearsOf(place) > 1);
  const shapes = [...(places.length > 1 || !lasting.length ? ["places"] : []), ...(lasting.length ? ["years"] : [])];
  const shape = shapes.includes(wantedShape) ? wantedShape : shapes[0];
  const isLine = shape === "years";
  const ats = isLine ? lasting : distinct(own.map((cell) => cell.period)).sort().reverse();
  const at = ats.includes(wantedAt) ? wantedAt : fullest(isLine ? inYears : own, ats, isLine);
  const shown = isLine ? inYears.filter((cell) => cell.place === at) : own.filter((cell) => cell.period === at);
  return { shapes, shape, isLine, ats, at, shown };
}

/** The period, or place, that most is told of; the latest among equals. */
function fullest(cells, ats, isLine) {
  const count = (at) => cells.filter((cell) => (isLine ? cell.place : cell.period) === at).length;
  return [...ats].sort((a, b) => count(b) - count(a))[0];
}

function picture(indicator, measure, { isLine, at, shown }) {
  const series = STATUSES.filter((status) => shown.some((cell) => cell.status === status)).map((key) => ({ key, name: t(`status_${key}`) }));
  const of = (cell) => (isLine ? cell.period : cell.place);
  const groups = distinct(shown.map(of)).map((label) => ({
    label,
    values: series.map(({ key }) => pointOf(shown.find((cell) => of(cell) === label && cell.status === key), measure)),
  }));
  if (isLine) groups.sort((a, b) => Number(a.label) - Number(b.label));
  else groups.sort(byFirstSeries);
  const title = `${t("chart_of", { indicator, measure: measure.label })} · ${at}`;
  const description = t("chart_says", { title, figures: groups.map((group) => said(group, series)).join("; ") });
  const draw = isLine ? lines : bars;
  return h("figure", {}, h("figcaption", {}, title), draw({ description, series, groups, width: widthNow() }));
}

// Drawn as wide as it is shown: letters that shrink with the picture cannot be read on a phone.
const widthNow = () => Math.max(300, Math.min(760, document.documentElement.clientWidth - 36));

function pointOf(cell, measure) {
  if (!cell) return null;
  const value = Number(measure.of(cell).toPrecision(10));
  return { value, text: qualified(value, "", cell.qualifier) };
}

/** The largest first; a place that states no result stands behind all that do, however high its target. */
function byFirstSeries(a, b) {
  for (const [index, one] of a.values.entries()) {
    const other = b.values[index];
    if (one !== null || other !== null) return (other?.value ?? Number.NEGATIVE_INFINITY) - (one?.value ?? Number.NEGATIVE_INFINITY);
  }
  return 0;
}

const said = ({ label, values }, series) =>
  `${label} ${values.map((one, index) => one && `${series[index].name} ${one.text}`).filter(Boolean).join(", ")}`;
