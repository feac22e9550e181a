import { request } from "./api.js";
import { h } from "./dom.js";

/**
 * Saves what the service replies as a file. A link could not carry a key.
 * @throws {Problem | Unreachable}
 */
export async function save(path, accept, name) {
  const reply = await request("GET", path, { accept });
  const link = h("a", { href: URL.createObjectURL(await reply.blob()), download: name });
  link.click();
  // The browser has begun to save it by then.
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}

/** A button that saves, and says beside it what went wrong. */
export function saveButton(words, path, accept, name) {
  const told = h("span", { class: "wrong", role: "alert" });
  const onclick = async () => {
    told.textContent = "";
    try {
      await save(path, accept, name);
    } catch (error) {
      told.textContent = error.message;
    }
  };
  return h("span", {}, h("button", { type: "button", onclick }, words), told);
}
