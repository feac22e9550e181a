import { t } from "./words.js";

const MULTIPLES = { 万亿: 1e12, 千亿: 1e11, 百亿: 1e10, 亿: 1e8, 千万: 1e7, 百万: 1e6, 万: 1e4 };
const PREFIX = /^(万亿|千亿|百亿|亿|千万|百万|万)(?=.)/;

/** A unit as how many of what: 万亿元 is 1e12 of 元. */
export function scaleOf(unit) {
  const prefix = PREFIX.exec(unit ?? "")?.[1];
  return prefix ? { factor: MULTIPLES[prefix], base: unit.slice(prefix.length) } : { factor: 1, base: unit ?? "" };
}

/** What a cell sorts by: its growth, or its amount in the unit without 万 and 亿; null where it has none. */
export function numberOf(cell, byGrowth) {
  const told = byGrowth ? cell?.growth_percent : cell?.value;
  const number = told === null || told === undefined || told === "" ? Number.NaN : Number(told);
  if (Number.isNaN(number)) return null;
  return byGrowth ? number : number * scaleOf(cell.unit).factor;
}

/**
 * What may stand on one axis: growth of one basis, or amounts of one kind.
 * @param {object[]} cells of a comparison, stated
 * @returns {{key: string, label: string, of: (cell: object) => number | null}[]}
 */
export function measuresOf(cells) {
  const bases = distinct(cells.filter((cell) => cell.growth_percent !== null).map((cell) => cell.basis));
  const amounts = cells.filter((cell) => numberOf(cell, false) !== null);
  const kinds = distinct(amounts.map((cell) => scaleOf(cell.unit).base));
  return [...bases.map(growthOf), ...kinds.map((base) => amountOf(base, amounts))];
}

const growthOf = (basis) => ({
  key: `growth ${basis}`,
  label: t(`measure_${basis ?? "growth"}`),
  of: (cell) => (cell.basis === basis ? cell.growth_percent : null),
});

/** Amounts of one kind in the unit that most of them are printed in. */
function amountOf(base, cells) {
  const units = cells.map((cell) => cell.unit ?? "").filter((unit) => scaleOf(unit).base === base);
  const unit = mostFrequent(units);
  return {
    key: `amount ${base}`,
    label: unit ? t("measure_amount", { unit }) : t("measure_number"),
    of: (cell) => {
      const { factor, base: own } = scaleOf(cell.unit);
      const number = numberOf(cell, false);
      return own === base && number !== null ? Number(cell.value) * (factor / scaleOf(unit).factor) : null;
    },
  };
}

// 超过28%, but 28%左右 and 9800多万户.
const BEHIND = ["左右", "上下", "以上", "以下", "以内", "之内", "之上", "及以上", "或以上", "大关"];
const ROUGH = ["多", "余", "来"];

/** A figure with its qualifier where it is printed; a range, 6.5%—7%, is a qualifier whole. */
export function qualified(number, unit, qualifier) {
  if (!qualifier) return `${number}${unit}`;
  if (/\d/.test(qualifier)) return qualifier;
  if (ROUGH.includes(qualifier)) return `${number}${qualifier}${unit}`;
  return BEHIND.includes(qualifier) ? `${number}${unit}${qualifier}` : `${qualifier}${number}${unit}`;
}

export const distinct = (values) => [...new Set(values)];

const mostFrequent = (values) =>
  distinct(values).sort((a, b) => values.filter((one) => one === b).length - values.filter((one) => one === a).length)[0];
