import { getJSON, send } from "./api.js";
import { announce, h } from "./dom.js";
import { uploadField } from "./upload.js";
import "./words/reports.js";
import { t } from "./words.js";

/** The reports held: filter, upload, delete. */
export async function show(outlet) {
  const list = h("div", { class: "list" });
  const count = h("p", { class: "lead" });
  const filter = h("input", { type: "search", id: "filter", placeholder: t("reports_filter"), "aria-label": t("reports_filter") });
  const year = h("select", { "aria-label": t("year") });
  let reports = [];

  async function refresh() {
    reports = await getJSON("/api/reports");
    drawYears(year, reports);
    draw();
  }

  function draw() {
    const wanted = filter.value.trim().toLowerCase();
    const named = ({ title, place, province, speaker }) => [title, place, province, speaker].join(" ").toLowerCase();
    const chosen = reports.filter(
      (one) => named(one).includes(wanted) && (!year.value || String(one.year) === year.value),
    );
    count.textContent = reports.length ? t("reports_count", totals(reports)) : t("reports_none");
    const row = (report) => rowOf(report, refresh);
    list.replaceChildren(
      chosen.length ? table(chosen.map(row)) : h("p", { class: "empty" }, t(reports.length ? "reports_none_match" : "reports_none")),
    );
    tools.hidden = !reports.length;
  }

  const tools = h("div", { class: "row tools", role: "search" }, filter, year);
  filter.addEventListener("input", draw);
  year.addEventListener("change", draw);
  outlet.append(h("h1", {}, t("reports_title")), count, uploadField(refresh), tools, list);
  try {
    await refresh();
  } catch (error) {
    list.replaceChildren(h("p", { class: "wrong", role: "alert" }, error.message));
  }
}

const totals = (reports) => ({
  n: reports.length,
  passages: reports.reduce((sum, one) => sum + one.passages, 0).toLocaleString(),
  facts: reports.reduce((sum, one) => sum + one.facts, 0).toLocaleString(),
});

function drawYears(select, reports) {
  const chosen = select.value;
  const years = [...new Set(reports.map((one) => one.year).filter(Boolean))].sort((a, b) => b - a);
  select.replaceChildren(
    h("option", { value: "" }, t("year")),
    ...years.map((one) => h("option", { value: one, selected: String(one) === chosen }, one)),
  );
}

function table(rows) {
  const names = ["report", "place", "periods", "speaker", "delivered", "facts_read"];
  return h(
    "div",
    { class: "wide", tabindex: "0", role: "region", "aria-label": t("reports_title") },
    h(
      "table",
      {},
      h("thead", {}, h("tr", {}, names.map((name) => h("th", { scope: "col" }, t(name))), h("th", {}, h("span", { class: "unseen" }, t("delete"))))),
      h("tbody", {}, rows),
    ),
  );
}

function rowOf(report, refresh) {
  const periods = [report.reviewed_period, report.planned_period].map((one) => one ?? "—").join(" / ");
  const title = h("a", { href: `#/reports/${encodeURIComponent(report.report_id)}` }, report.title);
  const warnings = report.warnings.length > 0 && h("ul", { class: "warnings" }, report.warnings.map((one) => h("li", {}, one)));
  const remove = h(
    "button",
    { type: "button", class: "plain", "aria-label": `${t("delete")} ${report.title}`, onclick: () => askToDelete(report, refresh) },
    t("delete"),
  );
  return h(
    "tr",
    {},
    h("th", { scope: "row" }, title, warnings),
    h("td", {}, report.place ?? h("em", {}, t("unnamed")), report.province && report.province !== report.place && h("span", { class: "tag" }, report.province)),
    h("td", {}, periods),
    h("td", {}, report.speaker ?? "—"),
    h("td", {}, report.delivered ?? report.year ?? "—"),
    h("td", { class: "number" }, report.facts),
    h("td", {}, remove),
  );
}

function askToDelete(report, refresh) {
  const opener = document.activeElement;
  const told = h("p", { class: "wrong", role: "alert" });
  const dialog = h("dialog", { class: "small", "aria-labelledby": "delete-title" });
  const remove = h("button", { type: "button", class: "main", onclick: confirmed }, t("delete"));
  const cancel = h("button", { type: "button", autofocus: true, onclick: () => dialog.close() }, t("cancel"));
  dialog.append(
    h("h2", { id: "delete-title" }, t("delete_title")),
    h("p", {}, t("delete_sure", { title: report.title })),
    told,
    h("div", { class: "row" }, remove, cancel),
  );
  dialog.addEventListener("close", () => {
    dialog.remove();
    opener?.focus();
  });

  async function confirmed() {
    remove.disabled = true;
    try {
      await send("DELETE", `/api/reports/${encodeURIComponent(report.report_id)}`);
      dialog.close();
      announce(t("deleted", { title: report.title }));
      await refresh();
    } catch (error) {
      told.textContent = error.message;
      remove.disabled = false;
    }
  }

  document.body.append(dialog);
  dialog.showModal();
}
