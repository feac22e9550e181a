import { BrokenOff, events, Problem, send, Unreachable } from "./api.js";
import { h } from "./dom.js";
import { t } from "./words.js";

const MOST_LINKS = 10;

/**
 * The field that takes report files, dropped or chosen, and tells what becomes of them.
 * @param {() => Promise<{report_id: string, title: string}[]>} onDone called when reports were added; those held then
 * @returns {HTMLElement}
 */
export function uploadField(onDone) {
  const input = h("input", { type: "file", id: "files", multiple: true, class: "unseen", "aria-describedby": "upload-kinds" });
  const told = h("div", { class: "told", "aria-live": "polite" });
  const label = h("label", { for: "files", class: "button" }, t("upload"));
  const kinds = h("span", { class: "label", id: "upload-kinds" }, t("upload_kinds"));
  const field = h("section", { class: "drop", "aria-label": t("upload_title") }, h("p", {}, t("upload_lead"), " ", input, label, " ", kinds), told);
  const take = (files) => files.length && upload([...files], told, onDone);
  input.addEventListener("change", () => {
    take(input.files);
    // The same file chosen again must be taken again.
    input.value = "";
  });
  acceptDrops(field, take, () => told.append(h("p", { class: "wrong" }, t("upload_folder"))));
  return field;
}

function acceptDrops(field, take, sayFolder) {
  const carriesFiles = (event) => [...(event.dataTransfer?.types ?? [])].includes("Files");
  field.addEventListener("dragover", (event) => {
    if (!carriesFiles(event)) return;
    event.preventDefault();
    field.classList.add("over");
  });
  field.addEventListener("dragleave", () => field.classList.remove("over"));
  field.addEventListener("drop", (event) => {
    event.preventDefault();
    field.classList.remove("over");
    // A folder is no file: sending it would break off as if the service were away.
    if ([...event.dataTransfer.items].some((item) => item.webkitGetAsEntry?.()?.isDirectory)) sayFolder();
    else take(event.dataTransfer.files);
  });
}

async function upload(files, told, onDone) {
  const line = h("p", {}, t("upload_sending", { n: files.length }));
  const bar = h("progress", { "aria-label": t("upload_title") });
  // Each upload has its own place: files dropped while others are being read must not hide them.
  const entry = h("div", { "data-running": true }, line, bar);
  told.replaceChildren(...told.querySelectorAll("[data-running]"), entry);
  const form = new FormData();
  for (const file of files) form.append("file", file, file.name);
  try {
    const job = await follow(await send("POST", "/api/reports", form), line, bar);
    const held = job.result?.added.length ? await onDone() : [];
    entry.replaceChildren(...resultOf(job, held));
  } catch (error) {
    entry.replaceChildren(h("p", { class: "wrong" }, lineOf(error)));
  } finally {
    entry.removeAttribute("data-running");
  }
}

/** Watches a job to its end; the job then. @throws {Problem | Unreachable | BrokenOff} */
async function follow(job, line, bar) {
  for await (const { data } of events("GET", `/api/jobs/${job.id}/events`)) {
    job = data;
    const { progress, state } = data;
    if (progress) {
      line.textContent = t(`upload_${progress.stage}`, progress);
      bar.max = Math.max(1, progress.total);
      bar.value = progress.done;
    } else if (state === "queued") line.textContent = t("upload_queued");
  }
  if (!["done", "failed"].includes(job.state)) throw new BrokenOff("the events ended before the job did");
  return job;
}

function resultOf({ result, problem }, held) {
  if (!result) return [h("p", { class: "wrong" }, t("upload_failed", { reason: problem?.detail ?? "" }))];
  const { added, unchanged, failed, notes } = result;
  const done = t("upload_done", { added: added.length, unchanged: unchanged.length });
  const links = held.filter((one) => added.includes(one.report_id)).slice(0, MOST_LINKS);
  return [
    (added.length > 0 || unchanged.length > 0) && h("p", {}, done),
    links.length > 0 && h("ul", {}, links.map(linkTo)),
    failed.length > 0 && h("ul", { class: "wrong" }, failed.map((one) => h("li", {}, one.error))),
    notes.length > 0 && h("ul", {}, notes.map((note) => h("li", {}, note))),
  ].filter(Boolean);
}

const linkTo = ({ report_id, title }) => h("li", {}, h("a", { href: `#/reports/${encodeURIComponent(report_id)}` }, title));

function lineOf(error) {
  if (error instanceof Problem && error.code === "insufficient_scope") return t("may_not_write");
  if (error instanceof Problem) return t("upload_failed", { reason: error.detail });
  return error instanceof Unreachable ? t("unreachable") : t("upload_lost");
}
