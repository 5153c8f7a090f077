// Keys of the verification desk: a letter presses what carries it in data-key. They can be switched off (WCAG 2.1.4), and
// the legend that names them is shown only where this script runs.
"use strict";

(() => {
  const legend = document.querySelector("[data-key-legend]");
  const toggle = document.querySelector("[data-key-switch]");
  const remembered = "langganan.desk.keys";

  function enabled() {
    return localStorage.getItem(remembered) !== "off";
  }

  function isTyping(element) {
    return element.matches("input:not([type=radio], [type=checkbox]), textarea, select") || element.isContentEditable;
  }

  function press(key) {
    const target = document.querySelector(`[data-key="${key}"]`);
    if (key === "a" && !target) {
      document.querySelector("#id_amount")?.select();
    } else if (key === "r" && target) {
      target.closest("details").open = true;
      document.querySelector("[name=preset]").focus();
    } else {
      target?.click();
    }
  }

  if (legend) {
    legend.hidden = false;
    toggle.checked = enabled();
    toggle.addEventListener("change", () => localStorage.setItem(remembered, toggle.checked ? "on" : "off"));
  }

  document.addEventListener("keydown", (event) => {
    const plain = !event.ctrlKey && !event.metaKey && !event.altKey && !event.repeat;
    if (plain && enabled() && "arnp".includes(event.key) && !isTyping(event.target)) {
      event.preventDefault();
      press(event.key);
    }
  });
})();
