// Keys for the whole of a page: "/" to the search field, Escape closes an editor.
(() => {
  "use strict";
  const typing = (element) => element.matches("input, textarea, select, [contenteditable]");
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "Escape") {
      const close = event.target.closest(".editor")?.querySelector("[data-close]");
      if (close) { event.preventDefault(); close.click(); }
      return;
    }
    if (typing(event.target)) return;
    if (event.key === "/") {
      const search = document.querySelector("input[type=search]");
      if (search) { event.preventDefault(); search.focus(); search.select(); }
    }
  });
  // What an answer of the server puts into the page gets the focus, so that the keyboard goes on there.
  document.addEventListener("htmx:afterSwap", (event) => {
    const first = event.detail.elt?.querySelector?.("[data-focus]") ?? document.querySelector("[data-focus]");
    if (first) { first.focus(); first.removeAttribute("data-focus"); }
  });
})();
