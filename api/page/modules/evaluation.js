import { getJSON, Problem } from "./api.js";
import { h } from "./dom.js";
import { cell, head, row, rowHead, table, tableBody } from "./tables.js";
import "./words/evaluation.js";
import { language, t } from "./words.js";

// What is measured of the search; all else is measured of the answers.
const SEARCH = /^(recall|all|ndcg)@|^mrr$/;

/** The last evaluation: scores with their intervals, by type, what went wrong, and systems beside one another. */
export async function show(outlet) {
  outlet.append(h("h1", {}, t("evaluation_title")));
  try {
    const last = await getJSON("/api/evaluation");
    outlet.append(...parts(last).filter(Boolean));
  } catch (error) {
    const isNone = error instanceof Problem && error.code === "no_evaluation";
    outlet.append(isNone ? none() : h("p", { class: "wrong", role: "alert" }, error.message));
  }
}

const none = () => h("div", { class: "empty" }, h("p", {}, t("evaluation_none")), h("pre", {}, h("code", {}, "wenzheng eval run")));

function parts({ finished, sources, runs, comparisons }) {
  const when = new Date(finished).toLocaleString(language() === "zh" ? "zh-CN" : "en");
  const measured = sources ? t("measured_folder", { name: sources }) : t("measured_library");
  const isAnswer = (name) => !SEARCH.test(name);
  return [
    h("p", { class: "lead" }, t("evaluation_lead", { when, cases: runs[0].cases }), " ", measured),
    scores(t("scores_answers"), runs, (run) => run.scores, isAnswer),
    scores(t("scores_search"), runs, (run) => run.scores, (name) => !isAnswer(name)),
    scores(t("scores_generated"), runs, (run) => run.generated, isAnswer),
    byType(runs),
    faults(runs),
    ...comparisons.map(comparison),
    costs(runs),
    confidence(runs),
    ...runs.map(judged),
    ...runs.map(wrongAnswers),
  ];
}

// --- figures -------------------------------------------------------------------------------------

const shown = (number) => number.toFixed(3).replace("-", "−");
const sign = (number) => (number > 0 ? "+" : "") + shown(number);
const isGiven = (number) => number !== null && number !== undefined;
const count = (number) => number.toLocaleString(undefined, { maximumFractionDigits: 0 });

/** The name of a metric, a type or a fault in words, and as the command and the files call it. */
function named(kind, name) {
  const words = t(`${kind}_${name}`);
  return words === `${kind}_${name}` ? [h("code", {}, name)] : [words, " ", h("code", {}, name)];
}

/** A section with a table; nothing where there is nothing to tell. Rows are a name and cells under the heads. */
function section(title, heads, rows, note = "") {
  if (!rows.length) return null;
  const body = tableBody();
  body.append(...rows.map(([name, ...cells]) => row(rowHead(name), cells.map((one, index) => cell(heads[index + 1], "", one)))));
  return h("section", {}, h("h2", {}, title), note && h("p", { class: "label" }, note), table({ label: title, heads: heads.map(head), body, isNumbers: true }));
}

const namesIn = (runs, of) => [...new Set(runs.flatMap((run) => Object.keys(of(run) ?? {})))];

// --- sections ------------------------------------------------------------------------------------

function scores(title, runs, of, isWanted) {
  const names = namesIn(runs, of).filter(isWanted);
  const heads = [t("metric"), ...runs.flatMap(({ system }) => [system, t("interval"), t("cases_n")])];
  return section(title, heads, names.map((name) => [named("m", name), ...runs.flatMap((run) => scoreCells(of(run)?.[name]))]));
}

const scoreCells = (score) =>
  score ? [h("strong", {}, shown(score.mean)), `${shown(score.low)}–${shown(score.high)}`, score.cases] : ["–", "–", 0];

function byType(runs) {
  const heads = [t("type"), ...runs.flatMap(({ system }) => [system, t("bar"), t("cases_n")])];
  const rows = namesIn(runs, (run) => run.by_type).map((type) => [named("type", type), ...runs.flatMap((run) => rightCells(run.by_type[type]?.correct))]);
  return section(t("by_type"), heads, rows);
}

function rightCells(score) {
  if (!score) return ["–", "–", 0];
  // The figure stands beside it: the bar is for the eye alone.
  return [shown(score.mean), h("meter", { min: 0, max: 1, value: score.mean, "aria-hidden": "true" }), score.cases];
}

function faults(runs) {
  const rows = namesIn(runs, (run) => run.faults).map((name) => [named("fault", name), ...runs.map((run) => run.faults[name] ?? 0)]);
  return section(t("faults"), [t("fault"), ...runs.map((run) => run.system)], rows);
}

function comparison({ system, beside, changes }) {
  const heads = [t("metric"), beside, system, t("difference"), t("interval"), t("significant")];
  const rows = changes.map((change) => [
    named("m", change.metric),
    shown(change.first),
    shown(change.second),
    sign(change.difference),
    t("from_to", { low: sign(change.low), high: sign(change.high) }),
    t(change.is_significant ? "yes" : "no"),
  ]);
  return section(t("beside", { system, other: beside }), heads, rows, t("beside_note"));
}

function costs(runs) {
  const heads = [t("quantity"), ...runs.flatMap(({ system }) => [`${system}, p50`, "p95", t("highest")])];
  const cells = (spread) => (spread ? [spread.p50, spread.p95, spread.highest].map(count) : ["–", "–", "–"]);
  return section(t("costs"), heads, namesIn(runs, (run) => run.costs).map((name) => [named("cost", name), ...runs.flatMap((run) => cells(run.costs[name]))]));
}

function confidence(runs) {
  const rows = runs.flatMap((run) =>
    Object.entries(run.reliability ?? {})
      .filter(([, told]) => told)
      .map(([about, told]) => [`${run.system}: ${t(`sure_${about}`)}`, isGiven(told.auc) ? shown(told.auc) : "–", shown(told.brier), shown(told.calibration_error), told.cases]),
  );
  return section(t("confidence"), [t("sure_of"), t("auc"), t("brier"), t("calibration_error"), t("cases_n")], rows, t("confidence_note"));
}

/** What a language model judged; it gates nothing, and says so. */
function judged({ system, advisory }) {
  if (!advisory?.judge) return null;
  const { judge, model, kappa } = advisory;
  const told = { system, model, mean: shown(judge.mean), low: shown(judge.low), high: shown(judge.high), n: judge.cases, kappa: isGiven(kappa) ? shown(kappa) : "–" };
  return h("section", {}, h("h2", {}, t("judge")), h("p", {}, t("judge_told", told)));
}

function wrongAnswers(run) {
  if (!run.failed.length) return null;
  const all = run.wrong ?? run.failed.length;
  const note = all > run.failed.length && h("p", { class: "label" }, t("wrong_first", { n: run.failed.length }));
  return h(
    "details",
    { class: "wrong-answers" },
    h("summary", {}, `${run.system} · ${t("wrong_answers", { n: all })}`),
    note,
    h("ul", {}, run.failed.map(wrongAnswer)),
  );
}

function wrongAnswer({ type, fault, turns, question, answer, gold }) {
  const wanted = gold.answer || (gold.refusal && t(`reason_${gold.refusal}`)) || gold.evidence.map((one) => one.quote).join(" / ");
  const told = [
    [t("type"), named("type", type)],
    [t("fault"), fault ? named("fault", fault) : "–"],
    [t("gold"), wanted || "–"],
    [t("said"), answer || "–"],
  ];
  return h("li", {}, h("h3", {}, [...turns, question].join(" → ")), h("dl", {}, told.flatMap(([name, value]) => [h("dt", {}, name), h("dd", {}, value)])));
}
