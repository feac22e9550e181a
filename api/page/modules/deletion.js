import { Problem, send } from "./api.js";
import { announce, h } from "./dom.js";
import { t } from "./words.js";

/**
 * Asks whether a report is to be deleted, and deletes it.
 * @param {{report_id: string, title: string}} report
 * @param {() => Promise<unknown>} onDone called when it is gone
 */
export function askToDelete(report, onDone) {
  const opener = document.activeElement;
  const told = h("p", { class: "wrong", role: "alert" });
  const remove = h("button", { type: "button", class: "main", onclick: confirmed }, t("delete"));
  // The safe answer has the focus: Enter pressed twice must delete nothing.
  const cancel = h("button", { type: "button", autofocus: true, onclick: () => dialog.close() }, t("cancel"));
  const dialog = h(
    "dialog",
    { class: "small", "aria-labelledby": "delete-title", "aria-describedby": "delete-sure" },
    h("h2", { id: "delete-title" }, t("delete_title")),
    h("p", { id: "delete-sure" }, t("delete_sure", { title: report.title })),
    told,
    h("div", { class: "row" }, remove, cancel),
  );
  dialog.addEventListener("close", () => {
    dialog.remove();
    // Its row may be gone with it.
    if (opener?.isConnected) opener.focus();
    else document.getElementById("view").focus({ preventScroll: true });
  });

  async function confirmed() {
    remove.disabled = true;
    try {
      await send("DELETE", `/api/reports/${encodeURIComponent(report.report_id)}`);
      await onDone();
      announce(t("deleted", { title: report.title }));
      dialog.close();
    } catch (error) {
      told.textContent = reasonOf(error);
      remove.disabled = false;
    }
  }

  document.body.append(dialog);
  dialog.showModal();
}

function reasonOf(error) {
  if (error instanceof Problem && error.code === "insufficient_scope") return t("may_not_write");
  return error instanceof Problem ? error.detail : t("unreachable");
}
