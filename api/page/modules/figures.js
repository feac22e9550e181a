import { getJSON, Problem } from "./api.js";
import { chips } from "./chips.js";
import { comparisonTable, withoutEmptyRows } from "./comparison.js";
import { announce, h } from "./dom.js";
import { chartsOf } from "./drawing.js";
import { qualified } from "./measures.js";
import { saveButton } from "./saving.js";
import { openSource } from "./source.js";
import { cell, head, row, rowHead, table, tableBody } from "./tables.js";
import "./words/reports.js";
import "./words/figures.js";
import { t } from "./words.js";

const DEFAULT_INDICATOR = "地区生产总值";
const PAGE = 100;

/** Figures: compared by place and period, or all of them one by one. */
export async function show(outlet, parameters) {
  const isFacts = parameters.get("mode") === "facts";
  const mode = (name, label, isHere) => h("a", { href: `#/figures${name}`, "aria-current": isHere ? "true" : null }, t(label));
  outlet.append(
    h("h1", {}, t("figures_title")),
    h("nav", { class: "modes", "aria-label": t("figures_title") }, mode("", "mode_compare", !isFacts), mode("?mode=facts", "mode_facts", isFacts)),
  );
  const told = h("div", { class: "told" });
  try {
    const [places, indicators] = await Promise.all([getJSON("/api/places"), getJSON("/api/indicators")]);
    const held = {
      places: [...new Set([...places.places.map((one) => one.province), ...places.places.map((one) => one.place)].filter(Boolean))],
      indicators: indicators.indicators.map((one) => one.name),
      periods: periodsOf(places.places),
      hasNone: !places.places.length && !places.unnamed.length,
    };
    if (held.hasNone) {
      outlet.append(h("p", { class: "empty" }, t("reports_none"), " ", h("a", { href: "#/reports" }, t("nav_reports"))));
      return;
    }
    outlet.append(...(isFacts ? factsView(parameters, held) : compareView(parameters, held)));
  } catch (error) {
    outlet.append(told);
    told.replaceChildren(h("p", { class: "wrong", role: "alert" }, error.message));
  }
}

/** Reports tell of the year before and plan for their own. */
function periodsOf(places) {
  const years = new Set(places.flatMap((one) => one.years.flatMap((year) => [year - 1, year])));
  return [...years].sort((a, b) => b - a).map(String);
}

const queryOf = (entries) => new URLSearchParams(entries.filter(([, value]) => value)).toString();

/** The address tells what is shown, so that it can be shared; going back leaves the view. */
const keepAddress = (query) => history.replaceState(null, "", `#/figures?${query}`);

// --- comparison ----------------------------------------------------------------------------------

/** What the address asks to compare; where it asks for nothing, something worth looking at. */
function askedIn(parameters, held) {
  const all = (name) => parameters.getAll(name);
  const asked = { place: all("place"), indicator: all("indicator"), period: all("period"), computed: all("computed") };
  if ([...parameters.keys()].length) return asked;
  const first = held.indicators.includes(DEFAULT_INDICATOR) ? DEFAULT_INDICATOR : held.indicators[0];
  return { ...asked, indicator: [first].filter(Boolean) };
}

function compareView(parameters, held) {
  const asked = askedIn(parameters, held);
  const result = h("div", { class: "result" });
  let withEmpty = false;
  let latest = 0;

  const change = (name) => (chosen) => {
    asked[name] = chosen;
    refresh();
  };
  const query = () => queryOf(Object.entries(asked).flatMap(([name, values]) => values.map((value) => [name, value])));

  async function refresh() {
    const mine = ++latest;
    keepAddress(query());
    if (!asked.indicator.length) {
      result.replaceChildren(h("p", { class: "label" }, t("choose_indicator")));
      return;
    }
    try {
      const reply = await getJSON(`/api/compare?${query()}`);
      // A slower reply to what was asked before must not replace this one.
      if (mine === latest) draw(reply);
    } catch (error) {
      if (mine === latest) result.replaceChildren(h("p", { class: "wrong", role: "alert" }, error.message));
    }
  }

  function draw(reply) {
    const { reply: stated, left } = withoutEmptyRows(reply);
    // Where nothing at all is stated, the empty rows tell why.
    const isBare = !stated.rows.length;
    const shown = withEmpty || isBare ? reply : stated;
    const notes = reply.notes.length > 0 && h("ul", { class: "notes" }, reply.notes.map((note) => h("li", {}, note)));
    const others = left > 0 && !isBare && emptyRows(left, withEmpty, () => {
      withEmpty = !withEmpty;
      draw(reply);
      result.querySelector(".others").focus();
    });
    result.replaceChildren(
      shown.rows.length ? comparisonTable(shown) : h("p", { class: "empty" }, t("figures_none")),
      h("div", { class: "below" }, h("div", {}, notes, others), csv(`/api/compare?${query()}`, "comparison.csv")),
      chartsOf(stated),
    );
    announce(t("rows_shown", { n: shown.rows.length }));
  }

  refresh();
  return [
    h(
      "form",
      { class: "filters choices", onsubmit: (event) => event.preventDefault() },
      chips({ id: "indicators", label: t("indicators"), hint: t("indicators_hint"), options: held.indicators, chosen: asked.indicator, onChange: change("indicator") }),
      chips({ id: "places", label: t("places"), hint: t("all_by_default"), options: held.places, chosen: asked.place, onChange: change("place") }),
      chips({ id: "periods", label: t("periods_chosen"), hint: t("all_by_default"), options: held.periods, chosen: asked.period, onChange: change("period") }),
      h(
        "fieldset",
        { class: "field" },
        h("legend", {}, t("computed")),
        ["rank", "difference_to_target"].map((name) => computing(name, asked.computed, change("computed"))),
      ),
    ),
    result,
  ];
}

/** How many rows state nothing, and a button that shows or hides them. */
const emptyRows = (left, withEmpty, onPress) =>
  h(
    "p",
    { class: "label" },
    t("rows_empty", { n: left }),
    " ",
    h("button", { type: "button", class: "plain others", "aria-pressed": withEmpty ? "true" : "false", onclick: onPress }, t("rows_empty_show")),
  );

function computing(name, chosen, onChange) {
  const box = h("input", { type: "checkbox", checked: chosen.includes(name) });
  box.addEventListener("change", () => {
    const others = chosen.filter((one) => one !== name);
    chosen.splice(0, chosen.length, ...others, ...(box.checked ? [name] : []));
    onChange([...chosen]);
  });
  return h("label", { class: "check" }, box, " ", t(`computed_${name}`));
}

const csv = (path, name) => saveButton(t("csv"), `${path}&format=csv`, "text/csv", name);

// --- all figures ---------------------------------------------------------------------------------

function factsView(parameters, held) {
  const names = ["place", "indicator", "period", "status", "q"];
  const asked = Object.fromEntries(names.map((name) => [name, parameters.get(name) ?? ""]));
  const result = h("div", { class: "result" });
  const titles = new Map();
  let latest = 0;

  const query = (next) => queryOf([...names.map((name) => [name, asked[name]]), ["limit", PAGE], ["cursor", next]]);

  async function refresh() {
    const mine = ++latest;
    keepAddress(queryOf([["mode", "facts"], ...names.map((name) => [name, asked[name]])]));
    try {
      if (!titles.size) for (const one of await getJSON("/api/reports")) titles.set(one.report_id, one);
      const page = await getJSON(`/api/facts?${query("")}`);
      if (mine === latest) begin(page, mine);
    } catch (error) {
      if (mine === latest) result.replaceChildren(h("p", { class: "wrong", role: "alert" }, error.message));
    }
  }

  function begin(page, mine) {
    const body = tableBody();
    const more = h("button", { type: "button", onclick: () => proceed() }, t("more"));
    let next = null;
    const take = (one) => {
      body.append(...one.facts.map((fact) => factRow(fact, titles.get(fact.report_id))));
      next = one.next;
      more.hidden = next === null;
    };

    async function proceed() {
      more.disabled = true;
      try {
        const one = await getJSON(`/api/facts?${query(next)}`);
        if (mine === latest) take(one);
      } catch (error) {
        if (mine !== latest) return;
        // The library has changed meanwhile: the pages before belong to another one.
        if (error instanceof Problem && error.status === 410) await restart();
        else more.before(h("p", { class: "wrong", role: "alert" }, error.message));
      }
      more.disabled = false;
    }

    take(page);
    result.replaceChildren(
      h("div", { class: "below" }, h("p", { class: "label", role: "status" }, t("figures_count", { n: page.total.toLocaleString() })), csv(`/api/facts?${query("")}`, "facts.csv")),
      page.total ? factsTable(body) : h("p", { class: "empty" }, t("figures_none")),
      more,
    );
  }

  async function restart() {
    titles.clear();
    await refresh();
    result.prepend(h("p", { class: "label", role: "status" }, t("changed")));
  }

  refresh();
  return [filters(asked, held, refresh), result];
}

function filters(asked, held, onChange) {
  let waiting = 0;
  const heard = (name, field) => () => {
    asked[name] = field.value.trim();
    clearTimeout(waiting);
    // Not a request for every letter; and who has gone on to another view keeps its address.
    waiting = setTimeout(() => field.isConnected && onChange(), 250);
  };
  const text = (name, label, options) => {
    const field = h("input", { id: `by-${name}`, type: "search", value: asked[name], list: options ? `of-${name}` : null, autocomplete: "off" });
    field.addEventListener("input", heard(name, field));
    return h("div", { class: "field" }, h("label", { for: field.id }, t(label)), field, options && h("datalist", { id: `of-${name}` }, options.map((one) => h("option", { value: one }))));
  };
  const status = h("select", { id: "by-status" }, ["", "actual", "estimate", "target"].map((one) => h("option", { value: one, selected: one === asked.status }, t(one ? `status_${one}` : "status_any"))));
  status.addEventListener("change", heard("status", status));
  return h(
    "form",
    { class: "filters", role: "search", onsubmit: (event) => event.preventDefault() },
    text("place", "place", held.places),
    text("indicator", "indicator", held.indicators),
    text("period", "period", held.periods),
    h("div", { class: "field" }, h("label", { for: "by-status" }, t("status")), status),
    text("q", "words"),
  );
}

function factsTable(body) {
  const names = ["place", "indicator", "period", "status", "figure", "quote"];
  return table({ label: t("mode_facts"), heads: names.map((name) => head(t(name))), body, name: "facts" });
}

function factRow(fact, report) {
  const citation = { ...fact, report_title: report?.title ?? fact.report_id, year: report?.year };
  const open = h("button", { type: "button", class: "figure", title: t("cell_source"), onclick: () => openSource(citation) }, figureOf(fact));
  return row(
    rowHead(fact.place ?? t("unnamed")),
    cell(t("indicator"), "indicator", fact.indicator),
    cell(t("period"), "", fact.period),
    cell(t("status"), fact.status, t(`status_${fact.status}`)),
    cell(t("figure"), "", open),
    cell(t("quote"), "quote", fact.quote),
  );
}

/** As printed: 突破3000亿元、增长15.1%. Where both are told, the qualifier is that of the amount. */
function figureOf({ value, unit, growth_percent: growth, qualifier }) {
  const amount = value === null ? "" : qualified(value, unit ?? "", qualifier);
  return [amount, changeOf(growth, amount ? null : qualifier)].filter(Boolean).join("、");
}

function changeOf(growth, qualifier) {
  if (growth === null) return "";
  if (growth === 0) return t("flat");
  return t(growth > 0 ? "growth" : "fall", { n: qualified(Math.abs(growth), "%", qualifier) });
}
