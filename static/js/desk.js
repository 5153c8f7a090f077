// Keys of the verification desk: a letter presses what carries it in data-key.
"use strict";

StaffKeys.listen("arnp", (key) => {
  const target = document.querySelector(`[data-key="${key}"]`);
  if (key === "a" && !target) {
    document.querySelector("#id_amount")?.select();
  } else if (key === "r" && target) {
    target.closest("details").open = true;
    document.querySelector("[name=preset]").focus();
  } else {
    target?.click();
  }
});
