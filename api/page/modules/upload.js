import { events, Problem, send, Unreachable } from "./api.js";
import { h } from "./dom.js";
import { t } from "./words.js";

/**
 * The field that takes report files, dropped or chosen, and tells what becomes of them.
 * @param {() => void} onDone called when reports were added
 * @returns {HTMLElement}
 */
export function uploadField(onDone) {
  const input = h("input", { type: "file", id: "files", multiple: true, class: "unseen" });
  const told = h("div", { class: "told", "aria-live": "polite" });
  const label = h("label", { for: "files", class: "button" }, t("upload"));
  const field = h("section", { class: "drop" }, h("p", {}, t("upload_lead"), " ", input, label), told);
  const take = (files) => files.length && upload([...files], told, onDone);
  input.addEventListener("change", () => {
    take(input.files);
    // The same file chosen again must be taken again.
    input.value = "";
  });
  acceptDrops(field, take);
  return field;
}

function acceptDrops(field, take) {
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
    take(event.dataTransfer.files);
  });
}

async function upload(files, told, onDone) {
  const line = h("p", {}, t("upload_sending", { n: files.length }));
  const bar = h("progress", { "aria-label": t("upload") });
  told.replaceChildren(line, bar);
  const form = new FormData();
  for (const file of files) form.append("file", file, file.name);
  try {
    const job = await follow(await send("POST", "/api/reports", form), line, bar);
    told.replaceChildren(...resultOf(job));
    if (job.result?.added.length) onDone();
  } catch (error) {
    told.replaceChildren(h("p", { class: "wrong" }, lineOf(error)));
  }
}

/** Watches a job to its end; the job then. */
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
  return job;
}

function resultOf({ result, problem }) {
  if (!result) return [h("p", { class: "wrong" }, t("upload_failed", { reason: problem?.detail ?? "" }))];
  const { added, unchanged, failed, notes } = result;
  const done = t("upload_done", { added: added.length, unchanged: unchanged.length });
  return [
    (added.length > 0 || unchanged.length > 0) && h("p", {}, done),
    failed.length > 0 && h("ul", { class: "wrong" }, failed.map((one) => h("li", {}, one.error))),
    notes.length > 0 && h("ul", {}, notes.map((note) => h("li", {}, note))),
  ].filter(Boolean);
}

function lineOf(error) {
  if (error instanceof Problem) return t("upload_failed", { reason: error.detail });
  return error instanceof Unreachable ? t("unreachable") : t("upload_lost");
}
