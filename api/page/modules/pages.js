import { getJSON, request } from "./api.js";
import { announce, h } from "./dom.js";
import { saveButton } from "./saving.js";
import "./words/pages.js";
import { t } from "./words.js";

const ZOOMS = [1, 1.5, 2, 3];
// What the service draws; more would be no sharper on any screen.
const WIDTHS = [800, 1200, 1600, 2400];
// Pixels left of a marked line in an enlarged page.
const MARGIN = 24;
// Pictures that going back shows at once.
const MOST_KEPT = 6;

/**
 * The pages of a report as printed, with the sentence marked that the address names.
 * @param {HTMLElement} outlet
 * @param {object} report with `original.pages`
 * @param {URLSearchParams} parameters `start` and `end` of the sentence, and the `page` to begin with
 */
export async function showPages(outlet, report, parameters) {
  const marked = await markedOn(report, parameters);
  // Who has gone on to another view keeps its address.
  if (!outlet.isConnected) return;
  const asked = Number.parseInt(parameters.get("page") ?? "", 10);
  const first = marked.pages[0]?.page ?? marked.page ?? 1;
  const page = asked >= 1 && asked <= report.original.pages ? asked : first;
  const view = new Pages(report, parameters, marked);
  outlet.append(view.element);
  await view.show(page);
  view.sheet.focus({ preventScroll: true });
}

/** Where the sentence stands, and its words; where the report begins, if none is named. */
async function markedOn(report, parameters) {
  const base = `/api/reports/${encodeURIComponent(report.report_id)}`;
  const [start, end] = ["start", "end"].map((name) => Number.parseInt(parameters.get(name) ?? "", 10));
  if (!(start >= 0 && start < end)) {
    const told = await getJSON(`${base}/boxes?start=${report.start}&end=${report.start + 1}`);
    return { page: told.page, pages: [], quote: "" };
  }
  const range = `start=${start}&end=${end}`;
  const [told, text] = await Promise.all([getJSON(`${base}/boxes?${range}`), getJSON(`${base}/text?${range}`)]);
  return { ...told, quote: text.text };
}

class Pages {
  constructor(report, parameters, marked) {
    this.report = report;
    this.parameters = parameters;
    this.marked = marked;
    this.zoom = 0;
    this.drawing = 0;
    this.kept = new Map();
    this.element = this.frame();
  }

  // --- what is there ---------------------------------------------------------------------------

  frame() {
    const { original } = this.report;
    const button = (key, sign, onclick) => h("button", { type: "button", "aria-label": t(key), title: t(key), onclick }, sign);
    this.back = button("page_before", "‹", () => this.show(this.page - 1));
    this.on = button("page_after", "›", () => this.show(this.page + 1));
    this.smaller = button("zoom_out", "−", () => this.magnify(this.zoom - 1));
    this.larger = button("zoom_in", "+", () => this.magnify(this.zoom + 1));
    this.number = h("input", { type: "number", min: 1, max: original.pages, "aria-label": t("page_number"), onchange: () => this.jump() });
    this.percent = h("span", { class: "percent" });
    this.marks = h("p", { class: "marked" });
    this.state = h("div", { class: "state", role: "status" });
    this.image = h("img", { alt: "" });
    this.leaf = h("div", { class: "leaf" }, this.image);
    this.sheet = h("div", { class: "sheet", tabindex: "0", role: "group", "aria-describedby": "page-keys" }, this.leaf);
    return h(
      "section",
      { class: "pages", "aria-label": t("view_page"), onkeydown: (event) => this.key(event) },
      h(
        "div",
        { class: "leafing" },
        h("span", { class: "group" }, this.back, this.number, h("span", {}, t("page_of", { n: original.pages })), this.on),
        h("span", { class: "group" }, this.smaller, this.percent, this.larger),
      ),
      this.marked.quote && h("p", { class: "quoted" }, h("mark", {}, this.marked.quote)),
      this.marks,
      this.state,
      this.sheet,
      h("p", { id: "page-keys", class: "label" }, t("page_keys")),
    );
  }

  // --- going and seeing ------------------------------------------------------------------------

  /** Shows a page, with the sentence's lines on it marked. */
  async show(page) {
    if (page < 1 || page > this.report.original.pages || page === this.page) return;
    this.page = page;
    this.tell();
    await this.draw();
  }

  jump() {
    const page = Math.min(Math.max(Number.parseInt(this.number.value, 10) || this.page, 1), this.report.original.pages);
    this.number.value = page;
    this.show(page);
  }

  async magnify(zoom) {
    if (!(zoom in ZOOMS)) return;
    this.zoom = zoom;
    this.tell();
    await this.draw();
  }

  key(event) {
    if (event.target === this.number || event.ctrlKey || event.metaKey || event.altKey) return;
    // Of a page that is wider than its window these keys show the rest.
    const turn = this.zoom === 0;
    const steps = {
      ArrowLeft: turn && (() => this.show(this.page - 1)),
      ArrowRight: turn && (() => this.show(this.page + 1)),
      "+": () => this.magnify(this.zoom + 1),
      "=": () => this.magnify(this.zoom + 1),
      "-": () => this.magnify(this.zoom - 1),
      0: () => this.magnify(0),
    };
    if (!steps[event.key]) return;
    event.preventDefault();
    steps[event.key]();
  }

  /** Says where we are: beside the page, and in the address, which may be shared. */
  tell() {
    const { pages } = this.report.original;
    this.number.value = this.page;
    this.back.disabled = this.page === 1;
    this.on.disabled = this.page === pages;
    this.smaller.disabled = this.zoom === 0;
    this.larger.disabled = this.zoom === ZOOMS.length - 1;
    this.percent.textContent = `${ZOOMS[this.zoom] * 100}%`;
    const words = t("page_alt", { n: this.page, all: pages });
    this.image.alt = `${this.report.title} ${words}`;
    this.sheet.setAttribute("aria-label", words);
    this.marks.replaceChildren(...this.ways());
    this.parameters.set("page", this.page);
    const told = new URLSearchParams(this.parameters);
    told.delete("id");
    history.replaceState(null, "", `#/reports/${encodeURIComponent(this.report.report_id)}?${told}`);
  }

  /** The ways to the pages that the sentence stands on. */
  ways() {
    const on = this.marked.pages.map((one) => one.page);
    if (!on.length || (on.length === 1 && on[0] === this.page)) return [];
    const way = (page) =>
      h("button", { type: "button", class: "plain", "aria-current": page === this.page && "page", onclick: () => this.show(page) }, t("page", { n: page }));
    return [h("span", {}, t("marked_on")), ...on.map(way)];
  }

  // --- drawing ---------------------------------------------------------------------------------

  async draw() {
    const mine = ++this.drawing;
    this.sheet.setAttribute("aria-busy", "true");
    this.state.replaceChildren(t("page_loading"));
    try {
      const picture = await this.picture(this.page);
      if (mine !== this.drawing) return;
      this.image.src = picture;
      await this.image.decode();
      if (mine !== this.drawing) return;
      this.finish();
    } catch (error) {
      if (mine === this.drawing) this.fail(error);
    } finally {
      if (mine === this.drawing) this.sheet.setAttribute("aria-busy", "false");
    }
  }

  finish() {
    this.state.replaceChildren();
    this.sheet.hidden = false;
    this.leaf.style.width = `${ZOOMS[this.zoom] * 100}%`;
    this.leaf.replaceChildren(this.image, ...this.strokes());
    announce(t("page_alt", { n: this.page, all: this.report.original.pages }));
    this.go();
    // The next page is there when it is wanted; who does not want it is not told if it fails.
    if (this.page < this.report.original.pages) this.picture(this.page + 1).catch(() => {});
  }

  /** The boxes of the sentence on this page, wherever the picture's own size puts them. */
  strokes() {
    const here = this.marked.pages.find((one) => one.page === this.page);
    return (here?.boxes ?? []).map(([left, top, right, bottom]) => {
      const stroke = h("span", { class: "stroke", "aria-hidden": "true" });
      const share = (part, whole) => `${(100 * part) / whole}%`;
      // The policy of this page lets no style attribute through.
      stroke.style.left = share(left, here.width);
      stroke.style.top = share(top, here.height);
      stroke.style.width = share(right - left, here.width);
      stroke.style.height = share(bottom - top, here.height);
      return stroke;
    });
  }

  go() {
    const strokes = [...this.leaf.querySelectorAll(".stroke")];
    const target = strokes[0] ?? this.element;
    target.scrollIntoView({ block: strokes.length ? "center" : "start", behavior: "instant" });
    // A line begins at its left: there reading begins, too.
    const left = Math.min(...strokes.map((stroke) => stroke.offsetLeft));
    this.sheet.scrollLeft = Number.isFinite(left) ? left - MARGIN : 0;
  }

  fail(error) {
    this.sheet.hidden = true;
    const retry = h("button", { type: "button", onclick: () => this.draw() }, t("retry"));
    const text = h("a", { href: textAddress(this.report, this.parameters) }, t("read_text"));
    const told = error.detail ?? t("page_failed");
    this.state.replaceChildren(h("p", { class: "wrong", role: "alert" }, told), h("p", { class: "row" }, retry, text));
  }

  picture(page) {
    const room = this.element.clientWidth * (globalThis.devicePixelRatio || 1) * ZOOMS[this.zoom];
    const width = WIDTHS.find((one) => one >= room) ?? WIDTHS.at(-1);
    const address = `/api/reports/${encodeURIComponent(this.report.report_id)}/pages/${page}.png?width=${width}`;
    const known = this.kept.get(address);
    if (known) return known;
    const coming = pictureAt(address);
    this.kept.set(address, coming);
    coming.catch(() => this.kept.delete(address));
    if (this.kept.size > MOST_KEPT) this.kept.delete(this.kept.keys().next().value);
    return coming;
  }
}

/** A picture as an address of its own: an image element could not carry a key. */
async function pictureAt(address) {
  const blob = await (await request("GET", address, { accept: "image/png" })).blob();
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.addEventListener("load", () => resolve(reader.result));
    reader.addEventListener("error", () => reject(reader.error));
    reader.readAsDataURL(blob);
  });
}

// --- beside the report's title ---------------------------------------------------------------------

const addressWith = (report, parameters, more) => {
  const kept = ["start", "end"].filter((name) => parameters.get(name)).map((name) => [name, parameters.get(name)]);
  const query = new URLSearchParams([...kept, ...more]).toString();
  return `#/reports/${encodeURIComponent(report.report_id)}${query && `?${query}`}`;
};
const textAddress = (report, parameters) => addressWith(report, parameters, []);

/** The switch between text and pages, where there are pages, and the way to the file. */
export function fileTools(report, parameters, isPage) {
  const { original } = report;
  if (!original) return null;
  const mode = (href, words, isHere) => h("a", { href, "aria-current": isHere && "page" }, words);
  const size = original.bytes ? ` (${sizeOf(original.bytes)})` : "";
  const path = `/api/reports/${encodeURIComponent(report.report_id)}/original`;
  return h(
    "div",
    { class: "file-tools" },
    original.pages &&
      h(
        "nav",
        { class: "modes", "aria-label": t("view_switch") },
        mode(textAddress(report, parameters), t("view_text"), !isPage),
        mode(addressWith(report, parameters, [["view", "page"]]), t("view_page"), isPage),
      ),
    saveButton(`${t("save_original")}${size}`, path, "*/*", original.name),
  );
}

function sizeOf(bytes) {
  return bytes < 1e6 ? `${Math.max(1, Math.round(bytes / 1e3))} kB` : `${(bytes / 1e6).toFixed(1)} MB`;
}

/** Where the marked sentence stands in the file, in words; null where that is not known. */
export async function placeOfMark(report, parameters, mark) {
  if (!mark || !report.original) return null;
  const [start, end] = [mark.start + report.start, mark.end + report.start];
  const told = await getJSON(`/api/reports/${encodeURIComponent(report.report_id)}/boxes?start=${start}&end=${end}`);
  if (told.paragraph) return h("p", { class: "label" }, t("marked_in", { where: t("paragraph", { n: told.paragraph }) }));
  if (!told.pages.length) return null;
  const where = told.pages.map(({ page }) => t("page", { n: page })).join("、");
  const link = h("a", { href: addressWith(report, parameters, [["view", "page"]]) }, t("printed_page"));
  return h("p", { class: "label" }, t("marked_in", { where }), " ", link);
}
