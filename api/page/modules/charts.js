import { harmless } from "./dom.js";

// Bars and lines as SVG. Why without a library is told in docs/decisions.md.

const SVG = "http://www.w3.org/2000/svg";
const ROW = 22;
const TICKS = 5;

/**
 * @typedef {{value: number, text: string}} Point a figure, and how it is told
 * @typedef {{description: string, series: {key: string, name: string}[],
 *   groups: {label: string, values: (Point | null)[]}[], width: number}} Given
 *   a group holds a value a series; `key` is the class that the style sheet paints it by
 */

function s(name, attributes = {}, ...children) {
  const made = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, String(value));
  made.append(...children.map((one) => (typeof one === "string" ? harmless(one) : one)));
  return made;
}

/** Round numbers that span the values and zero; the first and the last are the ends of the axis. */
export function ticksOf(values) {
  const low = Math.min(0, ...values);
  const high = Math.max(0, ...values);
  const raw = (high - low || 1) / TICKS;
  const power = 10 ** Math.floor(Math.log10(raw));
  const step = [1, 2, 2.5, 5, 10].map((one) => one * power).find((one) => one >= raw);
  const first = Math.floor(low / step);
  const count = Math.ceil(high / step) - first;
  return Array.from({ length: Math.max(1, count) + 1 }, (_, index) => Number(((first + index) * step).toPrecision(12)));
}

const ticksFor = (groups) => ticksOf(groups.flatMap((group) => stated(group).map(([point]) => point.value)));

const stated = (group) => group.values.map((point, index) => [point, index]).filter(([point]) => point !== null);

function scale(ticks, from, to) {
  const [low, high] = [ticks[0], ticks.at(-1)];
  return (value) => from + ((value - low) / (high - low)) * (to - from);
}

const frame = (width, height, description, ...children) =>
  s("svg", { viewBox: `0 0 ${width} ${height}`, width, height, role: "img", "aria-label": description, class: "chart" }, ...children);

/** Bars side by side, a group a label; returns the picture. @param {Given} given */
export function bars({ description, series, groups, width }) {
  const ticks = ticksFor(groups);
  const names = groups.map((group) => shortened(group.label, width * 0.36));
  const left = 16 + Math.max(...names.map(widthOf));
  const x = scale(ticks, left, width - 72);
  const height = groups.reduce((sum, group) => sum + heightOf(group), 0) + 56;
  const drawn = [legend(series), ...grid(ticks, x, 30, height - 26)];
  let top = 34;
  for (const [nth, group] of groups.entries()) {
    const own = stated(group);
    drawn.push(s("text", { x: left - 8, y: top + (own.length * ROW) / 2 + 2, class: "name" }, names[nth]));
    own.forEach(([point, index], place) => drawn.push(...bar(point, series[index].key, x, top + place * ROW)));
    top += heightOf(group);
  }
  return frame(width, height, description, ...drawn);
}

const heightOf = (group) => stated(group).length * ROW + 10;

// In the style sheet's 14 pixels; Latin letters are about half as wide.
const widthOf = (text) => Array.from(text).reduce((sum, sign) => sum + (sign > "\u2E7F" ? 14 : 8), 0);

/** A name that is too wide, without its middle: the ends tell it from others, 地名未…多篇篇2》. */
function shortened(label, most) {
  const signs = Array.from(label);
  let told = label;
  for (let kept = signs.length - 1; kept > 3 && widthOf(told) > most; kept -= 1) {
    const front = Math.floor(kept / 2);
    told = `${signs.slice(0, front).join("")}…${signs.slice(front - kept).join("")}`;
  }
  return told;
}

function bar({ value, text }, key, x, top) {
  const [from, to] = [Math.min(x(0), x(value)), Math.max(x(0), x(value))];
  return [
    s("rect", { x: from, y: top, width: Math.max(1, to - from), height: ROW - 6, class: `series ${key}` }),
    s("text", { x: to + 6, y: top + ROW - 9, class: "value" }, text),
  ];
}

function grid(ticks, x, top, bottom) {
  return ticks.flatMap((tick) => [
    s("line", { x1: x(tick), x2: x(tick), y1: top, y2: bottom, class: tick === 0 ? "zero" : "grid" }),
    s("text", { x: x(tick), y: bottom + 18, class: "tick" }, tick),
  ]);
}

/** Lines over years, a line a series; labels are years, in order; returns the picture. @param {Given} given */
export function lines({ description, series, groups, width }) {
  const height = 300;
  const ticks = ticksFor(groups);
  const left = 20 + 9 * Math.max(...ticks.map((tick) => String(tick).length));
  const y = scale(ticks, height - 40, 40);
  const [first, last] = [Number(groups[0].label), Number(groups.at(-1).label)];
  const x = scale([first, Math.max(last, first + 1)], left + 20, width - 40);
  const axis = ticks.flatMap((tick) => [
    s("line", { x1: left, x2: width - 16, y1: y(tick), y2: y(tick), class: tick === 0 ? "zero" : "grid" }),
    s("text", { x: left - 8, y: y(tick) + 4, class: "name" }, tick),
  ]);
  const names = yearsOf(first, last, width).map((year) => s("text", { x: x(year), y: height - 14, class: "tick" }, year));
  const drawn = series.flatMap(({ key }, which) => line(groups, which, key, x, y, width));
  return frame(width, height, description, legend(series), ...axis, ...names, ...drawn);
}

/** The years that are written: not so many that they run into one another. */
function yearsOf(first, last, width) {
  const step = Math.ceil((last - first + 1) / (width / 60));
  return Array.from({ length: Math.floor((last - first) / step) + 1 }, (_, index) => first + index * step);
}

function line(groups, which, key, x, y, width) {
  const points = groups.map((group) => ({ point: group.values[which], year: Number(group.label) })).filter(({ point }) => point !== null);
  const at = ({ point, year }) => `${x(year)},${y(point.value)}`;
  const parts = points.slice(1).map((one, index) => {
    const before = points[index];
    // Thin where years between are not stated: the line is a guess there.
    return s("path", { d: `M${at(before)}L${at(one)}`, class: `line ${key}${one.year - before.year > 1 ? " gap" : ""}` });
  });
  const isTold = groups.length <= width / 60;
  return [...parts, ...points.map(({ point, year }) => dot(point, key, x(year), y(point.value), which, isTold))];
}

/** Each series has a sign of its own: colours alone would not tell them apart. */
function dot({ text }, key, x, y, which, isTold) {
  const told = isTold ? s("text", { x, y: which ? y + 22 : y - 11, class: "tick" }, text) : s("title", {}, text);
  return s("g", {}, sign(key, x, y), told);
}

function sign(key, x, y) {
  if (key === "actual") return s("circle", { cx: x, cy: y, r: 5.5, class: `series ${key}` });
  const turned = key === "estimate" ? { transform: `rotate(45 ${x} ${y})` } : {};
  return s("rect", { x: x - 5, y: y - 5, width: 10, height: 10, class: `series ${key}`, ...turned });
}

function legend(series) {
  let x = 12;
  const entries = series.map(({ key, name }) => {
    const entry = s("g", {}, sign(key, x + 7, 13), s("text", { x: x + 20, y: 18, class: "value" }, name));
    x += 44 + widthOf(name);
    return entry;
  });
  return s("g", {}, ...entries);
}
