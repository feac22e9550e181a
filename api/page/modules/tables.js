import { h } from "./dom.js";
import { t } from "./words.js";

// Roles are said in full: on a phone the style sheet lays rows out as cards, and browsers then forget that it
// is a table.

/**
 * A table in a region of its own that scrolls sideways where the window is narrow; on a phone each row is a card,
 * unless the table is one of numbers, which are read by columns.
 * @param {{label: string, heads: HTMLElement[], body: HTMLElement, name?: string, isNumbers?: boolean}} given
 */
export function table({ label, heads, body, name = "", isNumbers = false }) {
  return h(
    "div",
    { class: "wide", tabindex: "0", role: "region", "aria-label": label },
    h("table", { class: isNumbers ? name : `cards ${name}`, role: "table", "aria-label": label }, h("thead", { role: "rowgroup" }, h("tr", { role: "row" }, heads)), body),
  );
}

export const tableBody = () => h("tbody", { role: "rowgroup" });

export const row = (...cells) => h("tr", { role: "row" }, cells);

export const rowHead = (...children) => h("th", { scope: "row", role: "rowheader" }, children);

/** A cell; `label` names its column where the row is a card. */
export const cell = (label, kind, ...children) => h("td", { class: kind || null, role: "cell", "data-column": label }, children);

export const head = (name) => h("th", { scope: "col", role: "columnheader" }, name);

/** A head for a column of buttons: named for those who hear it. */
export const unseenHead = (name) => head(h("span", { class: "unseen" }, name));

/**
 * Heads of columns that sort. The first press of a head sorts upwards, or downwards where `isDownFirst` says so.
 * @param {string[]} names
 * @param {{isDownFirst: (column: number) => boolean, onSort: (column: number, isUp: boolean) => void}} given
 */
export function sortHeads(names, { isDownFirst, onSort }) {
  let sorted = { column: -1, isUp: true };
  const heads = names.map((name, column) =>
    head(h("button", { type: "button", class: "sort", title: t("sort_by", { name }), onclick: () => press(column) }, name)),
  );

  function press(column) {
    const isUp = sorted.column === column ? !sorted.isUp : !isDownFirst(column);
    sorted = { column, isUp };
    heads.forEach((one, index) => {
      if (index === column) one.setAttribute("aria-sort", isUp ? "ascending" : "descending");
      else one.removeAttribute("aria-sort");
    });
    onSort(column, isUp);
  }

  return heads;
}

/** Orders lines by what `of` finds in them, in Chinese order; those it finds nothing in stand last either way. */
export function sortLines(lines, of, isUp) {
  lines.sort((a, b) => {
    const [one, other] = [of(a), of(b)];
    if (isNone(one) || isNone(other)) return Number(isNone(one)) - Number(isNone(other));
    return (isUp ? 1 : -1) * (typeof one === "number" ? one - other : String(one).localeCompare(String(other), "zh"));
  });
}

const isNone = (value) => value === null || value === undefined || value === "";
