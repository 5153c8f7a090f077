/* Runs before the first paint: the remembered theme, and a mark that scripts work. */
(function () {
  "use strict";
  var root = document.documentElement;
  root.dataset.scripted = "";
  try {
    var theme = localStorage.getItem("theme");
    if (theme === "light" || theme === "dark") root.dataset.theme = theme;
  } catch (error) {
    // Storage may be forbidden; the system's theme serves.
  }
})();
