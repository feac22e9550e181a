// Bars and lines as SVG: no library that a Python package brings is small, draws without inline styles and
// takes the page's colours in both themes.

const SVG = "http://www.w3.org/2000/svg";
const WIDTH = 720;
const ROW = 22;
const TICKS = 5;

function s(name, attributes = {}, ...children) {
  const made = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, String(value));
  made.append(...children);
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

function scale(ticks, from, to) {
  const [low, high] = [ticks[0], ticks.at(-1)];
  return (value) => from + ((value - low) / (high - low)) * (to - from);
}

function frame(height, title, description, ...children) {
  return s(
    "svg",
    { viewBox: `0 0 ${WIDTH} ${height}`, role: "img", "aria-label": description, class: "chart" },
    s("title", {}, title),
    ...children,
  );
}

/**
 * Bars side by side, a group a label.
 * @param {{title: string, description: string, series: string[], groups: {label: string, values: (number | null)[]}[]}} given
 */
export function bars({ title, description, series, groups }) {
  const values = groups.flatMap((group) => group.values).filter((value) => value !== null);
  const ticks = ticksOf(values);
  const left = 12 + 14 * Math.min(9, Math.max(...groups.map((group) => group.label.length)));
  const x = scale(ticks, left, WIDTH - 70);
  const height = groups.reduce((sum, group) => sum + heightOf(group), 0) + 56;
  const drawn = [legend(series), ...grid(ticks, x, 30, height - 26)];
  let top = 34;
  for (const group of groups) {
    const stated = group.values.map((value, index) => [value, index]).filter(([value]) => value !== null);
    drawn.push(s("text", { x: left - 8, y: top + (stated.length * ROW) / 2 + 4, class: "name" }, shortened(group.label)));
    stated.forEach(([value, index], row) => drawn.push(...bar(value, index, x, top + row * ROW)));
    top += heightOf(group);
  }
  return frame(height, title, description, ...drawn);
}

const heightOf = (group) => group.values.filter((value) => value !== null).length * ROW + 10;
// The ends of a long name tell it from others: 地名未…多篇篇2》.
const shortened = (label) => (label.length > 9 ? `${label.slice(0, 3)}…${label.slice(-5)}` : label);

function bar(value, index, x, top) {
  const [from, to] = [Math.min(x(0), x(value)), Math.max(x(0), x(value))];
  return [
    s("rect", { x: from, y: top, width: Math.max(1, to - from), height: ROW - 5, class: `series-${index}` }),
    s("text", { x: to + 6, y: top + ROW - 9, class: "value" }, shown(value)),
  ];
}

const shown = (value) => String(Number(value.toFixed(4)));

function grid(ticks, x, top, bottom) {
  return ticks.flatMap((tick) => [
    s("line", { x1: x(tick), x2: x(tick), y1: top, y2: bottom, class: tick === 0 ? "zero" : "grid" }),
    s("text", { x: x(tick), y: bottom + 18, class: "tick" }, shown(tick)),
  ]);
}

/**
 * Lines over an ordered axis, a line a series; a gap where nothing is stated.
 * @param {{title: string, description: string, series: string[], groups: {label: string, values: (number | null)[]}[]}} given
 */
export function lines({ title, description, series, groups }) {
  const height = 300;
  const ticks = ticksOf(groups.flatMap((group) => group.values).filter((value) => value !== null));
  const y = scale(ticks, height - 40, 40);
  const x = (index) => (groups.length > 1 ? 64 + (index * (WIDTH - 110)) / (groups.length - 1) : WIDTH / 2);
  const every = Math.ceil(groups.length / 12);
  const axis = ticks.flatMap((tick) => [
    s("line", { x1: 50, x2: WIDTH - 30, y1: y(tick), y2: y(tick), class: tick === 0 ? "zero" : "grid" }),
    s("text", { x: 42, y: y(tick) + 4, class: "name" }, shown(tick)),
  ]);
  const names = groups.map((group, index) =>
    index % every ? "" : s("text", { x: x(index), y: height - 14, class: "tick" }, group.label),
  );
  const drawn = series.flatMap((_, which) => line(groups, which, x, y));
  return frame(height, title, description, legend(series), ...axis, ...names, ...drawn);
}

function line(groups, which, x, y) {
  const points = groups.map((group, index) => [index, group.values[which]]).filter(([, value]) => value !== null);
  const path = points.map(([index, value], at) => `${at ? "L" : "M"}${x(index)},${y(value)}`).join("");
  return [
    s("path", { d: path, class: `line series-${which}` }),
    ...points.map(([index, value]) => dot(which, x(index), y(value), value, points.length <= 12)),
  ];
}

/** Results are round, targets square: colours alone would not tell them apart. */
function dot(which, x, y, value, isTold) {
  const sign = which
    ? s("rect", { x: x - 5, y: y - 5, width: 10, height: 10, class: `dot series-${which}` })
    : s("circle", { cx: x, cy: y, r: 5, class: `dot series-${which}` });
  return s("g", {}, sign, isTold ? s("text", { x, y: which ? y + 22 : y - 11, class: "tick" }, shown(value)) : "");
}

function legend(series) {
  let x = 12;
  const entries = series.map((name, index) => {
    const entry = s(
      "g",
      {},
      s("rect", { x, y: 6, width: 14, height: 14, class: `series-${index}` }),
      s("text", { x: x + 20, y: 18, class: "value" }, name),
    );
    x += 44 + 15 * name.length;
    return entry;
  });
  return s("g", {}, ...(series.length > 1 ? entries : []));
}
