import { h } from "./dom.js";
import { t } from "./words.js";

const reportAddress = (id) => `#/reports/${encodeURIComponent(id)}`;

/**
 * The other sources of a report; null where there are none, or where the first of them answers and names the others.
 * One that reads differently is held as a report of its own, which its name leads to.
 */
export function copiesOf({ report_id: own, also_in, duplicate_of }, onclick = null) {
  if (!also_in?.length || duplicate_of) return null;
  const entries = also_in.map(({ name, report_id }, index) => [
    index > 0 && t("between_names"),
    report_id === own ? name : h("a", { href: reportAddress(report_id), onclick }, name),
  ]);
  return h("span", { class: "copies" }, t("also_in"), entries);
}

/** The report that answers in this one's stead, where there is one: a copy that reads better, or the full text. */
export function kinOf({ duplicate_of, abridged_of, also_in }) {
  const other = duplicate_of ?? abridged_of;
  if (!other) return null;
  const name = also_in?.find((one) => one.report_id === other)?.name ?? other;
  const told = t(duplicate_of ? "duplicate_of" : "abridged_of");
  return h("span", { class: "copies" }, told, h("a", { href: reportAddress(other) }, name));
}
