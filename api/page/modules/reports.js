import { getJSON } from "./api.js";
import { copiesOf, kinOf } from "./copies.js";
import { askToDelete } from "./deletion.js";
import { announce, h } from "./dom.js";
import { cell, row, rowHead, sortHeads, sortLines, table, tableBody, unseenHead } from "./tables.js";
import { uploadField } from "./upload.js";
import "./words/reports.js";
import { t } from "./words.js";

// What each column shows, and what it sorts by. Place codes put a province before what lies in it.
const COLUMNS = [
  ["report", (report) => report.title],
  ["place", (report) => report.place_code],
  ["periods", (report) => report.reviewed_period],
  ["speaker", (report) => report.speaker],
  ["delivered", (report) => report.delivered ?? (report.year ? String(report.year) : null)],
  ["facts_read", (report) => report.facts],
];
const DOWN_FIRST = [2, 4, 5];

/** The reports held: filter, sort, upload, delete. */
export async function show(outlet) {
  const count = h("p", { class: "lead" }, "\u00a0");
  const filter = h("input", { type: "search", placeholder: t("reports_filter"), "aria-label": t("reports_filter") });
  const year = h("select", { "aria-label": t("year") });
  const tools = h("div", { class: "row tools", role: "search", hidden: true }, filter, year);
  const body = tableBody();
  const none = h("p", { class: "empty", hidden: true });
  const heads = sortHeads(COLUMNS.map(([name]) => t(name)), {
    isDownFirst: (column) => DOWN_FIRST.includes(column),
    onSort: (column, isUp) => {
      sortLines(reports, COLUMNS[column][1], isUp);
      draw();
    },
  });
  const list = table({ label: t("reports_title"), heads: [...heads, unseenHead(t("delete"))], body, name: "reports" });
  let reports = [];

  async function refresh() {
    reports = await getJSON("/api/reports");
    heads.forEach((one) => one.removeAttribute("aria-sort"));
    drawYears(year, reports);
    draw();
    return reports;
  }

  function draw() {
    const chosen = reports.filter((one) => isWanted(one, filter.value, year.value));
    count.textContent = reports.length ? t("reports_count", totals(reports)) : t("reports_none");
    none.textContent = t("reports_none_match");
    none.hidden = !reports.length || chosen.length > 0;
    list.hidden = !chosen.length;
    tools.hidden = !reports.length;
    body.replaceChildren(...chosen.map((report) => rowOf(report, refresh)));
    return chosen.length;
  }

  const narrow = () => announce(t("reports_shown", { n: draw() }));
  filter.addEventListener("input", narrow);
  year.addEventListener("change", narrow);
  list.hidden = true;
  outlet.append(h("h1", {}, t("reports_title")), count, uploadField(refresh), tools, none, list);
  try {
    await refresh();
  } catch (error) {
    count.replaceWith(h("p", { class: "wrong", role: "alert" }, error.message));
  }
}

function isWanted({ title, place, province, speaker, year }, words, wantedYear) {
  const told = [title, place, province, speaker].join(" ").toLowerCase();
  return told.includes(words.trim().toLowerCase()) && (!wantedYear || String(year) === wantedYear);
}

/** What is held; a report that came from several sources counts once. */
function totals(reports) {
  const counted = reports.filter((one) => !one.duplicate_of);
  const sum = (key) => counted.reduce((all, one) => all + one[key], 0).toLocaleString();
  return { n: counted.length, passages: sum("passages"), facts: sum("facts") };
}

function drawYears(select, reports) {
  const chosen = select.value;
  const years = [...new Set(reports.map((one) => one.year).filter(Boolean))].sort((a, b) => b - a);
  select.replaceChildren(
    h("option", { value: "" }, t("years_all")),
    ...years.map((one) => h("option", { value: one, selected: String(one) === chosen }, t("year_of", { year: one }))),
  );
}

function rowOf(report, refresh) {
  const periods = [report.reviewed_period, report.planned_period].map((one) => one ?? "—").join(" / ");
  const title = h("a", { href: `#/reports/${encodeURIComponent(report.report_id)}` }, report.title);
  const warnings = report.warnings.length > 0 && h("ul", { class: "warnings" }, report.warnings.map((one) => h("li", {}, one)));
  const province = report.province && report.province !== report.place && h("span", { class: "tag" }, report.province);
  const remove = h(
    "button",
    { type: "button", class: "plain", "aria-label": `${t("delete")} ${report.title}`, onclick: () => askToDelete(report, refresh) },
    t("delete"),
  );
  return row(
    rowHead(title, kinOf(report), copiesOf(report), warnings),
    cell(t("place"), "", report.place ?? h("em", {}, t("unnamed")), province),
    cell(t("periods"), "", periods),
    cell(t("speaker"), "", report.speaker ?? "—"),
    cell(t("delivered"), "", report.delivered ?? report.year ?? "—"),
    cell(t("facts_read"), "number", report.facts),
    cell("", "", remove),
  );
}
