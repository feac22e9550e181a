import { getJSON, Problem } from "./api.js";
import { h } from "./dom.js";
import "./words/evaluation.js";
import { language, t } from "./words.js";

/** The last evaluation: scores with their intervals, right answers by type, comparison, what went wrong. */
export async function show(outlet) {
  outlet.append(h("h1", {}, t("evaluation_title")));
  try {
    const last = await getJSON("/api/evaluation");
    const when = new Date(last.finished).toLocaleString(language() === "zh" ? "zh-CN" : "en");
    outlet.append(
      h("p", { class: "lead" }, t("evaluation_lead", { when, cases: last.runs[0].cases })),
      scores(last.runs),
      ...last.comparisons.map(comparison),
      byType(last.runs),
      ...last.runs.map(wrongAnswers),
    );
  } catch (error) {
    const isNone = error instanceof Problem && error.code === "no_evaluation";
    outlet.append(
      isNone
        ? h("p", { class: "empty" }, t("evaluation_none"))
        : h("p", { class: "wrong", role: "alert" }, error.message),
    );
  }
}

const shown = (number) => number.toFixed(3);

/** The name of a metric, and what it means where it has words. */
function metricName(name) {
  const meaning = t(`m_${name}`);
  return meaning === `m_${name}` ? [h("code", {}, name)] : [meaning, " ", h("code", {}, name)];
}

function table(label, head, rows) {
  return h(
    "section",
    {},
    h("h2", {}, label),
    h(
      "div",
      { class: "wide", tabindex: "0", role: "region", "aria-label": label },
      h(
        "table",
        {},
        h("thead", {}, h("tr", {}, head.map((name) => h("th", { scope: "col" }, name)))),
        h("tbody", {}, rows.map(([name, ...cells]) => h("tr", {}, h("th", { scope: "row" }, name), cells.map((cell) => h("td", {}, cell))))),
      ),
    ),
  );
}

function scores(runs) {
  const names = [...new Set(runs.flatMap((run) => Object.keys(run.scores)))];
  const head = [t("metric"), ...runs.flatMap((run) => [run.system, t("interval"), t("cases_n")])];
  const rows = names.map((name) => [metricName(name), ...runs.flatMap((run) => scoreCells(run.scores[name]))]);
  return table(t("score"), head, rows);
}

const scoreCells = (score) =>
  score ? [h("strong", {}, shown(score.mean)), `${shown(score.low)}–${shown(score.high)}`, score.cases] : ["–", "–", 0];

function byType(runs) {
  const types = [...new Set(runs.flatMap((run) => Object.keys(run.by_type)))];
  const rows = types.map((type) => [type, ...runs.flatMap((run) => rightCells(run.by_type[type]?.correct))]);
  return table(t("by_type"), [t("type"), ...runs.flatMap((run) => [run.system, "", t("cases_n")])], rows);
}

function rightCells(score) {
  if (!score) return ["–", "", 0];
  // The figure stands beside it: the bar is for the eye alone.
  return [shown(score.mean), h("meter", { min: 0, max: 1, value: score.mean, "aria-hidden": "true" }), score.cases];
}

function comparison({ system, beside, changes }) {
  const rows = changes.map((change) => [
    metricName(change.metric),
    shown(change.first),
    shown(change.second),
    `${change.difference > 0 ? "+" : ""}${shown(change.difference)}`,
    `${shown(change.low)}–${shown(change.high)}`,
    change.is_significant ? t("significant") : "",
  ]);
  return table(t("beside", { system, other: beside }), [t("metric"), beside, system, t("difference"), t("interval"), ""], rows);
}

function wrongAnswers(run) {
  if (!run.failed.length) return "";
  return h(
    "details",
    { class: "wrong-answers" },
    h("summary", {}, `${run.system} · ${t("wrong_answers", { n: run.wrong })}`),
    h("ul", {}, run.failed.map(wrongAnswer)),
  );
}

function wrongAnswer({ type, fault, turns, question, answer, gold }) {
  const wanted = gold.answer || gold.refusal || gold.evidence.map((one) => one.quote).join(" / ");
  return h(
    "li",
    {},
    h("h3", {}, [...turns, question].join(" → ")),
    h("dl", {}, h("dt", {}, t("type")), h("dd", {}, type), h("dt", {}, t("fault")), h("dd", {}, fault ?? "–")),
    h("dl", {}, h("dt", {}, t("gold")), h("dd", {}, wanted || "–"), h("dt", {}, t("said")), h("dd", {}, answer ?? "–")),
  );
}
