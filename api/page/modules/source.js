import { getJSON } from "./api.js";
import { copiesOf } from "./copies.js";
import { h, harmless } from "./dom.js";
import { t } from "./words.js";

// Characters shown before and behind the cited sentence.
const AROUND = 220;
const dialog = document.getElementById("source");

/** The address of a sentence in the page: what is shared, and what bots link to. */
export const addressOf = ({ report_id, start, end }) =>
  `#/reports/${encodeURIComponent(report_id)}?start=${start}&end=${end}`;

/**
 * Text with a stretch of it marked. Offsets count characters as the service does, not UTF-16 units: beyond rare
 * characters they would point elsewhere.
 * @param {string} text
 * @param {number} start offset in `text`
 * @param {number} end
 * @returns {Node[]}
 */
export function textWithMark(text, start, end) {
  const signs = Array.from(text);
  const part = (from, to) => signs.slice(Math.max(0, from), Math.max(0, to)).join("");
  return [part(0, start), h("mark", {}, part(start, end)), part(end, signs.length)].map((piece) =>
    typeof piece === "string" ? document.createTextNode(harmless(piece)) : piece,
  );
}

/** Opens the cited sentence in its report, the text around it beside. */
export async function openSource(citation) {
  const opener = document.activeElement;
  const body = h("div", { class: "around", tabindex: "0", "aria-busy": "true" }, t("source_loading"));
  dialog.replaceChildren(...frame(citation, body));
  if (!dialog.open) dialog.showModal();
  dialog.addEventListener("close", () => opener?.focus?.(), { once: true });
  try {
    body.replaceChildren(...(await textAround(citation)));
    body.querySelector("mark").scrollIntoView({ block: "center" });
  } catch (error) {
    body.replaceChildren(h("p", { class: "wrong", role: "alert" }, `${t("source_failed")}: ${error.message}`));
  } finally {
    body.setAttribute("aria-busy", "false");
  }
}

async function textAround({ report_id, start, end }) {
  const from = Math.max(0, start - AROUND);
  const told = await getJSON(
    `/api/reports/${encodeURIComponent(report_id)}/text?start=${from}&end=${end + AROUND}`,
  );
  const dots = (isCut) => (isCut ? "…" : "");
  return [
    dots(told.start > 0),
    ...textWithMark(told.text, start - told.start, end - told.start),
    dots(told.end < told.total),
  ];
}

function frame(citation, body) {
  const when = citation.year ? t("year_of", { year: citation.year }) : "";
  const close = h("button", { type: "button", class: "plain", onclick: () => dialog.close() }, t("close"));
  return [
    h(
      "div",
      { class: "head" },
      h("h2", { id: "source-title" }, citation.n ? t("source_of", { n: citation.n }) : citation.report_title),
      close,
    ),
    h(
      "p",
      { class: "path" },
      [citation.report_title, ...(citation.headings ?? [])].filter(Boolean).join(" › "),
      citation.place && h("span", { class: "tag" }, `${citation.place} ${when}`),
      citation.page && h("span", { class: "tag" }, t("page", { n: citation.page })),
      citation.paragraph && h("span", { class: "tag" }, t("paragraph", { n: citation.paragraph })),
    ),
    body,
    h(
      "p",
      { class: "foot" },
      h("a", { href: addressOf(citation), onclick: () => dialog.close() }, t("whole_report")),
      citation.box &&
        h("a", { href: `${addressOf(citation)}&view=page`, onclick: () => dialog.close() }, t("printed_page")),
      h("span", { class: "file" }, t("file", { name: citation.source })),
      copiesOf(citation, () => dialog.close()),
    ),
  ];
}

dialog.addEventListener("click", (event) => {
  // A click beside the panel is on the dialog itself.
  if (event.target === dialog) dialog.close();
});
