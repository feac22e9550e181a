// Sections begin where a passage does, which may be in the middle of a paragraph; a reader looks for the heading.

/**
 * The headings of a report in order, each once, with where they stand in its text.
 * @param {{headings: string[], kind: string, start: number, end: number}[]} sections by offset; headings as the
 *   service tells them, cleaned
 * @param {string[]} signs the report's text as printed, character by character
 * @param {number} offset of the first of them in the file
 * @returns {{heading: string, depth: number, kind: string, start: number, end: number}[]} offsets in `signs`;
 *   `end` is `start` where the heading itself was not found
 */
export function outline(sections, signs, offset) {
  const text = folded(signs);
  let from = 0;
  return entriesOf(sections).map(({ heading, depth, section }) => {
    const found = lineThatBegins(text, heading, from, section.end - offset);
    const start = found?.start ?? Math.max(from, section.start - offset);
    from = Math.max(from, found?.end ?? start);
    return { heading, depth, kind: section.kind, start, end: found?.end ?? start };
  });
}

function entriesOf(sections) {
  const seen = new Set();
  const entries = [];
  for (const section of sections) {
    section.headings.forEach((heading, level) => {
      const path = section.headings.slice(0, level + 1).join("\n");
      // A chapter is told again by every passage of it.
      if (seen.has(path)) return;
      seen.add(path);
      entries.push({ heading, depth: level + 1, section });
    });
  }
  return entries;
}

/** What is left of signs when width and spaces, which cleaning changes, are taken away; and where each stood. */
function folded(signs) {
  const at = [];
  let text = "";
  signs.forEach((sign, index) => {
    for (const unit of fold(sign)) {
      text += unit;
      at.push(index);
    }
  });
  return { text, at, signs };
}

const fold = (text) => text.normalize("NFKC").replace(/\s+/g, "").split("");

/** The first line from `from` on, at most until `limit`, that begins with the heading. */
function lineThatBegins({ text, at, signs }, heading, from, limit) {
  const wanted = fold(heading).join("");
  if (!wanted) return null;
  for (let hit = text.indexOf(wanted); hit >= 0; hit = text.indexOf(wanted, hit + 1)) {
    const start = at[hit];
    if (start > limit) return null;
    if (start >= from && beginsLine(signs, start)) return { start, end: at[hit + wanted.length - 1] + 1 };
  }
  return null;
}

function beginsLine(signs, start) {
  let before = start - 1;
  while (before >= 0 && signs[before] !== "\n" && !signs[before].trim()) before -= 1;
  return before < 0 || signs[before] === "\n" || signs[before] === "\r";
}
