// Before the first paint: a page that turns dark after it was shown light would flash.
(() => {
  let theme = null;
  try {
    theme = localStorage.getItem("wenzheng.theme");
  } catch {
    // Storage that is forbidden must not keep the page from opening.
  }
  if (theme === "dark" || theme === "light") document.documentElement.dataset.theme = theme;
})();
