// The staff's pages of tickets: keys, the inbox that keeps itself up to date, who else is writing, drafts, canned replies.
// Comfort only: every page works without this file.
"use strict";

(() => {
  const PING_SECONDS = 10;
  const WRITING_MILLISECONDS = 12_000;

  // Keys: a letter presses what carries it in data-key; a field is focused, with what it is folded into opened.

  function press(key) {
    if (key === "j" || key === "k") {
      move(key === "j" ? 1 : -1);
      return;
    }
    const target = document.querySelector(`[data-key="${key}"]`);
    if (!target) return;
    if (target.matches("input, textarea")) {
      const folded = target.closest("details");
      if (folded) folded.open = true;
      target.focus();
    } else {
      target.click();
    }
  }

  function move(step) {
    const rows = [...document.querySelectorAll("[data-row]")];
    if (!rows.length) return;
    const here = rows.indexOf(document.activeElement);
    const next = here < 0 ? (step > 0 ? 0 : rows.length - 1) : Math.min(rows.length - 1, Math.max(0, here + step));
    rows[next].focus();
  }

  StaffKeys.listen("jkrnei/?", press);

  const help = document.querySelector("[data-keys-help]");
  document.querySelector("[data-opens-keys]")?.addEventListener("click", () => help.showModal());

  document.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && event.target.matches("textarea")) {
      event.target.form?.requestSubmit();
    }
  });

  // Live: asked for while the page is looked at, and at once when it is looked at again.

  function every(seconds, act) {
    setInterval(() => document.visibilityState === "visible" && act(), seconds * 1000);
    document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && act());
  }

  if (document.querySelector("[data-live]")) {
    every(Number(document.querySelector("[data-live]").dataset.live), () => htmx.trigger("#inbox", "live"));
  }

  document.addEventListener("htmx:afterSettle", (event) => {
    const news = document.querySelector("[data-live-news]");
    if (news && event.target.id === "inbox") news.textContent = news.dataset.words;
  });

  // Who else is here: this page says every few seconds that it is open, and whether somebody writes in it.

  let wroteAt = 0;

  function ping() {
    const form = document.querySelector("#presence");
    if (!form) return;
    form.elements.writing.value = Date.now() - wroteAt < WRITING_MILLISECONDS ? "1" : "";
    htmx.trigger(form, "ping");
  }

  if (document.querySelector("#presence")) {
    ping();
    every(PING_SECONDS, ping);
    document.addEventListener("input", (event) => {
      if (!event.target.matches("[data-draft]")) return;
      const begins = Date.now() - wroteAt >= WRITING_MILLISECONDS;
      wroteAt = Date.now();
      if (begins) ping();
    });
  }

  // Drafts: kept in this browser until they are sent.

  function draftKey(area) {
    return `langganan.ticket.${area.form.dataset.ticket}.${area.dataset.draft}`;
  }

  document.querySelectorAll("[data-draft]").forEach((area) => {
    const kept = localStorage.getItem(draftKey(area));
    if (kept && !area.value) {
      area.value = kept;
      const folded = area.closest("details");
      if (folded) folded.open = true;
    }
    area.addEventListener("input", () => {
      if (area.value) localStorage.setItem(draftKey(area), area.value);
      else localStorage.removeItem(draftKey(area));
    });
  });

  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (!form.matches("[data-sends]")) return;
    if (form.dataset.sent !== undefined) {
      event.preventDefault();
      return;
    }
    form.dataset.sent = "";
    form.querySelectorAll("[data-draft]").forEach((area) => localStorage.removeItem(draftKey(area)));
  });

  window.addEventListener("pageshow", () => {
    document.querySelectorAll("[data-sent]").forEach((form) => delete form.dataset.sent);
  });

  // Canned replies: put where the cursor is.

  document.addEventListener("click", (event) => {
    const chosen = event.target instanceof Element && event.target.closest("[data-canned]");
    const area = document.querySelector("[data-draft=reply]");
    if (!chosen || !area) return;
    event.preventDefault();
    const text = document.querySelector(chosen.dataset.canned).textContent;
    area.setRangeText(text, area.selectionStart, area.selectionEnd, "end");
    area.dispatchEvent(new Event("input", { bubbles: true }));
    document.querySelector("#canned").replaceChildren();
    area.focus();
  });

  document.querySelector("[data-takes-focus]")?.focus();
})();
