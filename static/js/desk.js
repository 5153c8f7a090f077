// Keys of the payment desk: a letter presses what carries it in data-key.
"use strict";

StaffKeys.listen("arnpjk", (key) => {
  // As in many lists: j is the next one, k the one before.
  const meant = { j: "n", k: "p" }[key] ?? key;
  const target = document.querySelector(`[data-key="${meant}"]`);
  if (meant === "a" && !target) {
    document.querySelector("#id_amount, [data-first-amount] input:not([type=hidden])")?.select();
  } else if (meant === "r" && target) {
    const details = target.closest("details");
    details.open = true;
    details.querySelector("form :is(input, textarea):not([type=hidden])").focus();
  } else {
    target?.click();
  }
});
