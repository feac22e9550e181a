import { getJSON } from "./api.js";
import { t } from "./words.js";

/**
 * Questions that the reports held can answer, made of figures that were read from them, and what is held.
 * @returns {Promise<{questions: string[], held: {reports: number, places: number, years: string} | null}>} null if
 *   no report is held
 */
export async function examples() {
  const reports = await getJSON("/api/reports");
  if (!reports.length) return { questions: [], held: null };
  const [growth, projects] = await Promise.all([
    getJSON("/api/facts?indicator=地区生产总值&limit=200"),
    getJSON("/api/facts?q=民生实事&limit=50"),
  ]);
  const placed = growth.facts.filter((one) => one.place && one.growth_percent !== null && /^\d{4}$/.test(one.period));
  const results = latestOfEach(placed.filter((one) => one.status === "actual"));
  const targets = latestOfEach(placed.filter((one) => one.status === "target"));
  const questions = [...grown(results), ...aimed(targets), ...compared(results), ...planned(reports, projects.facts)];
  return { questions, held: heldOf(reports) };
}

function heldOf(reports) {
  const years = reports.map((one) => one.year).filter(Boolean);
  const [first, last] = [Math.min(...years), Math.max(...years)];
  return {
    // One that came from several sources is one.
    reports: reports.filter((one) => !one.duplicate_of).length,
    places: new Set(reports.map((one) => one.place).filter(Boolean)).size,
    years: years.length ? (first === last ? String(first) : `${first}–${last}`) : "",
  };
}

function latestOfEach(facts) {
  const latest = new Map();
  for (const fact of facts) {
    const held = latest.get(fact.place);
    if (!held || fact.period > held.period) latest.set(fact.place, fact);
  }
  return [...latest.values()].sort((a, b) => b.period.localeCompare(a.period));
}

const grown = ([one]) => (one ? [t("example_growth", { place: one.place, year: one.period })] : []);

/** The latest target, of the second place where there is one: the first is asked about already. */
function aimed([one, other]) {
  const fact = other?.period === one?.period ? other : one;
  return fact ? [t("example_target", { place: fact.place, year: fact.period })] : [];
}

function compared(results) {
  for (const one of results) {
    const other = results.find((fact) => fact.period === one.period && fact.place !== one.place);
    if (other) return [t("example_compare", { year: one.period, place: one.place, other: other.place })];
  }
  return [];
}

/** What a report that tells of such projects plans. */
function planned(reports, facts) {
  const telling = new Set(facts.map((fact) => fact.report_id));
  const report = reports.find((one) => one.place && one.planned_period && telling.has(one.report_id));
  return report ? [t("example_list", { place: report.place, year: report.planned_period })] : [];
}
