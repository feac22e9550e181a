import { h } from "./dom.js";
import { t } from "./words.js";

/**
 * A field that several names are chosen in, out of many.
 * @param {{id: string, label: string, hint?: string, options: string[], chosen: string[], onChange: (chosen: string[]) => void}} given
 */
export function chips({ id, label, hint = "", options, chosen, onChange }) {
  const names = [...chosen];
  const list = h("ul", { class: "chips" });
  const input = h("input", { id, list: `${id}-options`, autocomplete: "off", placeholder: hint });
  const data = h("datalist", { id: `${id}-options` }, options.map((name) => h("option", { value: name })));
  const add = h("button", { type: "button", onclick: () => take(input.value) }, t("add"));

  function take(value) {
    const name = value.trim();
    input.value = "";
    if (!name || names.includes(name)) return;
    names.push(name);
    told();
  }

  function told() {
    draw();
    onChange([...names]);
  }

  function draw() {
    list.replaceChildren(...names.map((name) => h("li", {}, name, removal(name))));
  }

  function removal(name) {
    const leave = () => {
      names.splice(names.indexOf(name), 1);
      told();
      input.focus();
    };
    return h("button", { type: "button", class: "plain", "aria-label": t("remove", { name }), onclick: leave }, "×");
  }

  input.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.isComposing) return;
    event.preventDefault();
    take(input.value);
  });
  // A name picked from the list is taken at once; one being typed is not yet whole.
  input.addEventListener("input", (event) => {
    const isPicked = !(event instanceof InputEvent) || event.inputType === "insertReplacementText";
    if (isPicked && options.includes(input.value)) take(input.value);
  });
  draw();
  return h("div", { class: "field" }, h("label", { for: id }, label), h("div", { class: "row" }, input, data, add), list);
}
