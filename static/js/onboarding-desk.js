// Keys of the onboarding board beside those of every staff list (ticket-desk.js): from column to column, and moving the case
// that has the focus. Comfort only: every page works without this file.
"use strict";

StaffKeys.listen("hlm", (key) => {
  const card = document.activeElement?.closest("li");
  if (key === "m") {
    card?.querySelector("[data-moves]")?.click();
    return;
  }
  const columns = [...document.querySelectorAll("[data-column]:has([data-row])")];
  if (!columns.length) return;
  const here = columns.indexOf(card?.closest("[data-column]"));
  const next = here < 0 ? 0 : Math.min(columns.length - 1, Math.max(0, here + (key === "l" ? 1 : -1)));
  columns[next].querySelector("[data-row]").focus();
});
