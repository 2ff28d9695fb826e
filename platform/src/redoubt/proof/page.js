const all = (query) => [...document.querySelectorAll(query)];
const find = document.getElementById("find");
const family = document.getElementById("family");
const ticked = (name) => new Set(all(`input[name=${name}]:checked`).map((box) => box.value));

function filter() {
  const words = find.value.toLowerCase().split(/\s+/).filter(Boolean);
  const results = ticked("result");
  const subjects = ticked("subject");
  let shown = 0;
  for (const control of all(".control")) {
    let fitting = 0;
    for (const item of control.querySelectorAll(".requirements > li")) {
      item.hidden = !(results.has(item.dataset.result) && subjects.has(item.dataset.subject));
      fitting += !item.hidden;
    }
    const named = words.every((word) => control.dataset.words.includes(word));
    const inFamily = !family.value || control.dataset.family === family.value;
    control.hidden = !(fitting && named && inFamily);
    shown += !control.hidden;
  }
  document.getElementById("shown").textContent = `${shown} of ${all(".control").length} controls`;
  document.getElementById("none").hidden = shown > 0;
}

const theme = document.getElementById("theme");
const dark = () =>
  (document.documentElement.dataset.theme ||
    (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light")) === "dark";
const label = () => { theme.textContent = dark() ? "Light" : "Dark"; };
theme.addEventListener("click", () => {
  document.documentElement.dataset.theme = dark() ? "light" : "dark";
  label();
});
theme.hidden = false;
label();

document.querySelector(".filters").addEventListener("input", filter);
document.querySelector(".filters").addEventListener("submit", (event) => event.preventDefault());
const fold = (open) => all(".control:not([hidden])").forEach((control) => { control.open = open; });
document.getElementById("open").addEventListener("click", () => fold(true));
document.getElementById("close").addEventListener("click", () => fold(false));
addEventListener("hashchange", () => {
  const target = document.getElementById(location.hash.slice(1));
  if (target && target.matches(".control")) target.open = true;
});
filter();
