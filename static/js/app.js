/* Behaviours by data attribute. Speed and comfort only: every page works without this file. */
(function () {
  "use strict";

  const live = () => document.getElementById("live");
  const closest = (event, selector) => (event.target instanceof Element ? event.target.closest(selector) : null);

  /** Say something to screen readers, once and politely. */
  function announce(text) {
    const region = live();
    if (region) region.textContent = text;
  }

  /** Show a short text that everybody sees and hears. */
  function toast(text) {
    const box = document.getElementById("toast");
    if (!box) return;
    box.textContent = text;
    clearTimeout(toast.timer);
    toast.timer = setTimeout(() => (box.textContent = ""), 6000);
  }

  // Slider and number: the number is what is posted, data-sync on the slider names it.

  document.addEventListener("input", (event) => {
    const slider = closest(event, "input[type=range][data-sync]");
    if (slider) {
      const number = document.getElementById(slider.dataset.sync);
      number.value = slider.value;
      number.dispatchEvent(new Event("input", { bubbles: true }));
      return;
    }
    const number = closest(event, "input[type=number][id]");
    const partner = number && document.querySelector(`input[type=range][data-sync="${CSS.escape(number.id)}"]`);
    if (partner) partner.value = number.value;
  });

  document.addEventListener("change", (event) => {
    const slider = closest(event, "input[type=range][data-sync]");
    if (slider) document.getElementById(slider.dataset.sync).dispatchEvent(new Event("change", { bubbles: true }));
  });

  // Copy buttons.

  async function copy(button) {
    try {
      await navigator.clipboard.writeText(button.dataset.copy);
    } catch (error) {
      announce(live().dataset.notCopied);
      return;
    }
    announce(`${live().dataset.copied}: ${button.dataset.copy}`);
    const label = button.querySelector("[data-copy-label]");
    const before = label && label.textContent;
    button.dataset.copied = "";
    if (label) label.textContent = live().dataset.copied;
    setTimeout(() => {
      delete button.dataset.copied;
      if (label) label.textContent = before;
    }, 2000);
  }

  function toggleTheme() {
    const root = document.documentElement;
    const dark = root.dataset.theme
      ? root.dataset.theme === "dark"
      : matchMedia("(prefers-color-scheme: dark)").matches;
    root.dataset.theme = dark ? "light" : "dark";
    try {
      localStorage.setItem("theme", root.dataset.theme);
    } catch (error) {
      // Not remembered where storage is forbidden.
    }
  }

  function reveal(button) {
    const input = document.getElementById(button.getAttribute("aria-controls"));
    const show = input.type === "password";
    input.type = show ? "text" : "password";
    button.setAttribute("aria-pressed", String(show));
  }

  document.addEventListener("click", (event) => {
    const copier = closest(event, "[data-copy]");
    if (copier) copy(copier);
    if (closest(event, "[data-theme-toggle]")) toggleTheme();
    if (closest(event, "[data-print]")) window.print();
    const revealer = closest(event, "[data-reveal]");
    if (revealer) reveal(revealer);
    document.querySelectorAll("details.menu[open]").forEach((menu) => {
      if (!menu.contains(event.target)) menu.open = false;
    });
  });

  // Keys: Ctrl+Enter sends a text area's form, Escape closes a menu.

  document.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
      const area = closest(event, "textarea");
      if (area && area.form) area.form.requestSubmit();
    }
    if (event.key === "Escape") {
      const menu = document.querySelector("details.menu[open]");
      if (menu) {
        menu.open = false;
        menu.querySelector("summary").focus();
      }
    }
  });

  // A form marked data-once shows that it is being sent and is not sent twice by a double click.

  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (!form.matches("[data-once]")) return;
    if (form.dataset.sent !== undefined) {
      event.preventDefault();
      return;
    }
    form.dataset.sent = "";
    if (event.submitter) event.submitter.dataset.busy = "";
  });

  /** Forms may be sent again: after the browser's "back", and where the connection broke. */
  function release(root) {
    root.querySelectorAll("[data-sent]").forEach((form) => delete form.dataset.sent);
    root.querySelectorAll("[data-busy]").forEach((button) => delete button.dataset.busy);
  }

  window.addEventListener("pageshow", () => release(document));

  // Files: dropped onto the field, and sent by htmx so that the browser can tell how far it is.

  document.addEventListener("dragover", (event) => {
    const drop = closest(event, ".file-drop");
    if (!drop) return;
    event.preventDefault();
    drop.dataset.over = "";
  });

  document.addEventListener("dragleave", (event) => {
    const drop = closest(event, ".file-drop");
    if (drop) delete drop.dataset.over;
  });

  document.addEventListener("drop", (event) => {
    const drop = closest(event, ".file-drop");
    if (!drop) return;
    event.preventDefault();
    delete drop.dataset.over;
    const input = drop.querySelector("input[type=file]");
    input.files = event.dataTransfer.files;
    input.dispatchEvent(new Event("change", { bubbles: true }));
  });

  // Drafts: what is typed into a form marked data-draft stays in this browser until the message has arrived.

  const DRAFT = "draft:";

  /** Storage may be forbidden or full: then nothing is kept. */
  function withStorage(act) {
    try {
      return act(localStorage);
    } catch (error) {
      return null;
    }
  }

  function drafts(storage) {
    return Object.keys(storage).filter((name) => name.startsWith(DRAFT));
  }

  /** The form's key says which message the draft became. */
  function keepDraft(storage, form) {
    const name = DRAFT + form.dataset.draft;
    const draft = { key: form.elements.submission_key.value, text: form.elements.body.value };
    if (draft.text) storage.setItem(name, JSON.stringify(draft));
    else storage.removeItem(name);
  }

  document.addEventListener("input", (event) => {
    const form = closest(event, "form[data-draft]");
    if (form && event.target === form.elements.body) withStorage((storage) => keepDraft(storage, form));
  });

  /** Forget the drafts of messages that the page shows, then bring back the one of its form. */
  function bringDrafts(storage, root) {
    const thread = root.querySelector("[data-received]");
    const received = thread ? thread.dataset.received.split(" ") : [];
    drafts(storage)
      .filter((name) => received.includes(JSON.parse(storage.getItem(name)).key))
      .forEach((name) => storage.removeItem(name));
    root.querySelectorAll("form[data-draft]").forEach((form) => {
      const draft = JSON.parse(storage.getItem(DRAFT + form.dataset.draft));
      if (!draft || form.elements.body.value) return;
      form.elements.body.value = draft.text;
      keepDraft(storage, form);
      announce(live().dataset.draft);
    });
  }

  document.addEventListener("submit", (event) => {
    if (!event.target.matches("[data-forget-drafts]")) return;
    withStorage((storage) => drafts(storage).forEach((name) => storage.removeItem(name)));
  });

  function makeProgress(form) {
    const box = document.createElement("div");
    box.className = "progress";
    const bar = document.createElement("progress");
    bar.max = 100;
    bar.value = 0;
    bar.setAttribute("aria-label", live().dataset.uploading);
    const words = document.createElement("p");
    words.className = "small";
    box.append(bar, words);
    form.append(box);
    return box;
  }

  function showProgress(form, event) {
    const { lengthComputable, loaded, total } = event.detail;
    if (!lengthComputable || !total) return;
    const box = form.querySelector(".progress") || makeProgress(form);
    const percent = Math.round((loaded / total) * 100);
    box.querySelector("progress").value = percent;
    box.querySelector("p").textContent = `${live().dataset.uploading}: ${percent} %`;
    // Screen readers hear each quarter once.
    const quarter = String(Math.floor(percent / 25));
    if (box.dataset.quarter === quarter) return;
    box.dataset.quarter = quarter;
    announce(box.querySelector("p").textContent);
  }

  function prepare(root) {
    root.querySelectorAll("form[data-upload-progress]:not([hx-boost])").forEach((form) => {
      if (!window.htmx) return;
      form.setAttribute("hx-boost", "true");
      window.htmx.process(form);
      form.addEventListener("htmx:xhr:progress", (event) => showProgress(form, event));
      form.addEventListener("htmx:afterRequest", () => {
        form.querySelector(".progress")?.remove();
        release(document);
      });
    });
    withStorage((storage) => bringDrafts(storage, root));
    const current = root.querySelector(".side [aria-current]");
    if (current) current.scrollIntoView({ block: "nearest", inline: "center" });
    const problem = root.querySelector("[data-error-summary]");
    if (problem) problem.focus();
  }

  // htmx: a form that came back with errors (422) is shown like any other answer.

  document.addEventListener("htmx:beforeSwap", (event) => {
    if (event.detail.xhr.status !== 422) return;
    event.detail.shouldSwap = true;
    event.detail.isError = false;
  });

  document.addEventListener("htmx:sendError", () => toast(live().dataset.offline));
  document.addEventListener("htmx:responseError", () => toast(live().dataset.failed));
  document.addEventListener("htmx:afterSettle", (event) => {
    if (event.target instanceof Element) prepare(event.target);
  });

  prepare(document);
})();
