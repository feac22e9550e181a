// One question, one answer. What comes from reports is set as text, never as markup.

const EXAMPLES = [
  "越城区2023年GDP增长多少?",
  "上城区2024年一般公共预算收入目标是多少?",
  "2023年固定资产投资,上城区和越城区哪个增得快?",
];
const SAID = {
  zh: { working: "查找中…", failed: "没有得到答案:", unreachable: "连不上服务", sources: "出处", other: "English" },
  en: { working: "Searching…", failed: "No answer: ", unreachable: "the service cannot be reached", sources: "Sources", other: "中文" },
};

const form = document.getElementById("form");
const field = document.getElementById("question");
const shown = document.getElementById("answer");
let language = (localStorage.getItem("language") ?? navigator.language).startsWith("en") ? "en" : "zh";

function element(name, text = "", className = "") {
  const made = document.createElement(name);
  made.textContent = text;
  if (className) made.className = className;
  return made;
}

function setLanguage(chosen) {
  language = chosen;
  localStorage.setItem("language", chosen);
  document.documentElement.lang = chosen === "zh" ? "zh-CN" : "en";
  for (const node of document.querySelectorAll("[data-zh]")) node.textContent = node.dataset[chosen];
  document.getElementById("language").textContent = SAID[chosen].other;
}

function withMarkers(text) {
  const line = element("p", "", "text");
  for (const part of text.split(/(\[\d+\])/)) {
    const marker = /^\[(\d+)\]$/.exec(part);
    if (!marker) { line.append(part); continue; }
    const link = element("a", part);
    link.href = `#source-${marker[1]}`;
    line.append(link);
  }
  return line;
}

function source(citation) {
  const item = element("li");
  item.id = `source-${citation.n}`;
  item.value = citation.n;
  item.append(element("span", [citation.report_title, ...citation.headings].join(" › "), "path"));
  item.append(element("q", citation.quote));
  item.append(element("span", `${citation.source}:${citation.start}–${citation.end}`, "path"));
  return item;
}

function show(answer) {
  const text = withMarkers(answer.answer);
  if (answer.status === "refused") text.classList.add("refused");
  shown.replaceChildren(text);
  for (const note of answer.notes) shown.append(element("p", note, "path"));
  if (!answer.citations.length) return;
  const list = element("ol");
  list.append(...answer.citations.map(source));
  shown.append(element("h2", SAID[language].sources), list);
}

async function ask(question) {
  shown.setAttribute("aria-busy", "true");
  shown.replaceChildren(element("p", SAID[language].working));
  try {
    const reply = await fetch("/api/ask", {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ question }),
    });
    const body = await reply.json();
    if (!reply.ok) throw new Error(body.detail);
    show(body);
  } catch (error) {
    const reason = error instanceof TypeError ? SAID[language].unreachable : error.message;
    shown.replaceChildren(element("p", SAID[language].failed + reason, "refused"));
  } finally {
    shown.setAttribute("aria-busy", "false");
  }
}

form.addEventListener("submit", (event) => { event.preventDefault(); ask(field.value.trim()); });
document.getElementById("language").addEventListener("click", () => setLanguage(language === "zh" ? "en" : "zh"));
for (const example of EXAMPLES) {
  const button = element("button", example);
  button.type = "button";
  button.addEventListener("click", () => { field.value = example; ask(example); });
  document.getElementById("examples").append(button);
}
setLanguage(language);
