// Keys of the staff's pages. They can be switched off (WCAG 2.1.4), do nothing while somebody types, and what explains them
// is shown only where this script runs.
"use strict";

const StaffKeys = (() => {
  const remembered = "langganan.desk.keys";

  function enabled() {
    return localStorage.getItem(remembered) !== "off";
  }

  function isTyping(element) {
    return element.matches("input:not([type=radio], [type=checkbox]), textarea, select") || element.isContentEditable;
  }

  /** Call `press(key)` for each of the keys in the string. */
  function listen(keys, press) {
    const toggle = document.querySelector("[data-key-switch]");
    document.querySelectorAll("[data-key-legend], [data-opens-keys]").forEach((one) => (one.hidden = false));
    if (toggle) {
      toggle.checked = enabled();
      toggle.addEventListener("change", () => localStorage.setItem(remembered, toggle.checked ? "on" : "off"));
    }
    document.addEventListener("keydown", (event) => {
      const plain = !event.ctrlKey && !event.metaKey && !event.altKey && !event.repeat;
      const modal = document.querySelector("dialog[open]");
      if (plain && !modal && enabled() && keys.includes(event.key) && !isTyping(event.target)) {
        event.preventDefault();
        press(event.key);
      }
    });
  }

  return { listen };
})();
