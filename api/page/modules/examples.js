import { getJSON } from "./api.js";
import { t } from "./words.js";

const MOST = 5;

/**
 * Questions that the reports held can answer: made of figures that were read from them.
 * @returns {Promise<{questions: string[], isEmpty: boolean}>} isEmpty if no report is held
 */
export async function examples() {
  const reports = await getJSON("/api/reports");
  if (!reports.length) return { questions: [], isEmpty: true };
  const { facts } = await getJSON("/api/facts?indicator=地区生产总值&limit=200");
  const placed = facts.filter((fact) => fact.place && fact.growth_percent !== null && /^\d{4}$/.test(fact.period));
  const results = latestOfEach(placed.filter((fact) => fact.status === "actual"));
  const targets = latestOfEach(placed.filter((fact) => fact.status === "target"));
  const questions = [
    ...results.slice(0, 1).map((fact) => t("example_growth", { place: fact.place, year: fact.period })),
    ...targets.slice(-1).map((fact) => t("example_target", { place: fact.place, year: fact.period })),
    ...compared(results),
    ...planned(reports),
  ];
  return { questions: [...new Set(questions)].slice(0, MOST), isEmpty: false };
}

function latestOfEach(facts) {
  const latest = new Map();
  for (const fact of facts) {
    const held = latest.get(fact.place);
    if (!held || fact.period > held.period) latest.set(fact.place, fact);
  }
  return [...latest.values()].sort((a, b) => b.period.localeCompare(a.period));
}

function compared(results) {
  for (const one of results) {
    const other = results.find((fact) => fact.period === one.period && fact.place !== one.place);
    if (other) return [t("example_compare", { year: one.period, place: one.place, other: other.place })];
  }
  return [];
}

function planned(reports) {
  const report = reports.find((one) => one.place && one.planned_period && one.level === "县");
  return report ? [t("example_list", { place: report.place, year: report.planned_period })] : [];
}
