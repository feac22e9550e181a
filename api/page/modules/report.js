import { getJSON } from "./api.js";
import { h } from "./dom.js";
import { textWithMark } from "./source.js";
import "./words/reports.js";
import { t } from "./words.js";

/** One report: its table of contents and full text; `start` and `end` in the address mark a sentence. */
export async function show(outlet, parameters) {
  const id = parameters.get("id");
  const waiting = h("p", { class: "empty", role: "status" }, t("loading"));
  outlet.append(waiting);
  try {
    const report = await getJSON(`/api/reports/${encodeURIComponent(id)}`);
    const text = await wholeText(report);
    waiting.remove();
    outlet.append(...pieces(report, text, markOf(parameters)));
    const mark = outlet.querySelector("mark");
    if (mark) {
      mark.scrollIntoView({ block: "center", behavior: "instant" });
      mark.focus({ preventScroll: true });
    }
  } catch (error) {
    waiting.replaceWith(
      h("p", { class: "wrong", role: "alert" }, error.message),
      h("p", {}, h("a", { href: "#/reports" }, t("back"))),
    );
  }
}

/** The stretch that the address marks; null if it marks none that could be. */
function markOf(parameters) {
  const [start, end] = ["start", "end"].map((name) => Number.parseInt(parameters.get(name) ?? "", 10));
  return Number.isInteger(start) && Number.isInteger(end) && start < end ? { start, end } : null;
}

/** The report's own stretch of its file, all its parts: a long one comes in several. */
async function wholeText({ report_id, start, end }) {
  const parts = [];
  for (let from = start; from !== null && from < end; ) {
    const told = await getJSON(`/api/reports/${encodeURIComponent(report_id)}/text?start=${from}&end=${end}`);
    parts.push(told.text);
    from = told.next;
  }
  return Array.from(parts.join(""));
}

function pieces(report, signs, mark) {
  const sections = sectionsOf(report);
  const facts = [report.place ?? t("unnamed"), report.delivered ?? report.year, report.speaker, `${t("periods")} ${report.reviewed_period ?? "—"} / ${report.planned_period ?? "—"}`];
  return [
    h("p", {}, h("a", { href: "#/reports" }, t("back"))),
    h("h1", {}, report.title),
    h("p", { class: "lead" }, facts.filter(Boolean).join(" · "), " · ", t("file", { name: report.source })),
    report.warnings.length > 0 && h("ul", { class: "warnings" }, report.warnings.map((one) => h("li", {}, one))),
    h(
      "div",
      { class: "reading" },
      contents(sections),
      h("article", { class: "full", lang: "zh-CN" }, sections.map((section) => textOf(section, report, signs, mark))),
    ),
  ].filter(Boolean);
}

/** The sections with the stretches between them: what no section claims is text all the same. */
function sectionsOf({ sections, start, end }) {
  const whole = [];
  let from = start;
  for (const section of [...sections].sort((a, b) => a.start - b.start)) {
    if (section.start > from) {
      const last = whole.at(-1);
      if (last) last.end = section.start;
      else whole.push({ headings: [], kind: "other", start: from, end: section.start });
    }
    whole.push({ ...section, start: Math.max(section.start, from) });
    from = Math.max(from, section.end);
  }
  if (from < end) {
    const last = whole.at(-1);
    if (last) last.end = end;
    else whole.push({ headings: [], kind: "other", start: from, end });
  }
  return whole.map((section, index) => ({ ...section, anchor: `section-${index}` }));
}

function textOf(section, report, signs, mark) {
  const own = signs.slice(section.start - report.start, section.end - report.start).join("");
  const isMarked = mark && mark.start < section.end && mark.end > section.start;
  const nodes = isMarked ? textWithMark(own, mark.start - section.start, mark.end - section.start) : [own];
  const element = h("section", { id: section.anchor, class: `kind-${section.kind}` }, nodes);
  element.querySelector("mark")?.setAttribute("tabindex", "-1");
  return element;
}

function contents(sections) {
  const named = sections.filter((section) => section.headings.length);
  const entries = named.map((section, index) => {
    const before = named[index - 1]?.headings ?? [];
    const depth = section.headings.length;
    // A chapter whose text begins with its first part has no section of its own.
    const above = section.headings.slice(0, -1).filter((heading, level) => heading !== before[level]);
    return [
      ...above.map((heading, level) => entry(section, heading, depth - above.length + level)),
      entry(section, section.headings.at(-1), depth, section.headings.at(-1) === before.at(-1)),
    ];
  });
  return h(
    "nav",
    { class: "contents", "aria-label": t("contents") },
    h("details", { open: matchMedia("(min-width: 60rem)").matches }, h("summary", {}, t("contents")), h("ol", {}, entries)),
  );
}

function entry(section, heading, depth, isRepeated = false) {
  if (isRepeated) return null;
  const go = () => document.getElementById(section.anchor).scrollIntoView({ block: "start" });
  const kind = ["review", "plan", "government"].includes(section.kind) && depth === 1;
  return h(
    "li",
    { class: `depth-${Math.min(depth, 3)}` },
    h("button", { type: "button", class: "plain", onclick: go }, heading),
    kind && h("span", { class: "tag" }, t(`kind_${section.kind}`)),
  );
}
