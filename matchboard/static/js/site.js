// What makes pages quicker to work with. Every page works without this file.
"use strict";

(() => {
  const root = document.documentElement;
  const find = (selector, within = document) => within.querySelector(selector);
  const findAll = (selector, within = document) => [...within.querySelectorAll(selector)];
  const isTyping = (target) =>
    target instanceof Element && target.closest("input, textarea, select, [contenteditable]");

  // --- Keys ------------------------------------------------------------------------------------

  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") {
      closeMenus(null, true);
      find("#search-drop")?.replaceChildren();
      return;
    }
    if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
    const field = find(`[data-focus-key="${CSS.escape(event.key)}"]`);
    if (field && field.offsetParent !== null) {
      event.preventDefault();
      field.focus();
      field.select();
    }
  });

  // --- Menus: closed by a click elsewhere, by Escape and by leaving them with Tab ----------------

  function closeMenus(except, giveBackFocus = false) {
    for (const menu of findAll("details.menu[open]")) {
      if (menu === except) continue;
      if (giveBackFocus && menu.contains(document.activeElement)) find("summary", menu).focus();
      menu.open = false;
    }
  }
  document.addEventListener("click", (event) => closeMenus(event.target.closest("details.menu")));
  document.addEventListener("focusin", (event) => closeMenus(event.target.closest("details.menu")));

  // --- Confirmations become modal dialogs --------------------------------------------------------

  document.addEventListener("click", (event) => {
    const summary = event.target.closest("details[data-modal] > summary");
    if (summary) {
      event.preventDefault();
      openModal(summary.parentElement);
      return;
    }
    const close = event.target.closest("[data-close]");
    if (close) (close.closest("dialog")?.close(), close.closest("[data-toast]")?.remove());
    if (event.target instanceof HTMLDialogElement) event.target.close();
  });

  function openModal(details) {
    const panel = find(".confirm-panel", details);
    const dialog = document.createElement("dialog");
    dialog.className = "modal-box";
    dialog.setAttribute("aria-labelledby", panel.getAttribute("aria-labelledby"));
    details.append(dialog);
    dialog.append(panel);
    details.open = true;
    dialog.addEventListener("close", () => {
      details.append(panel);
      dialog.remove();
      details.open = false;
      find("summary", details)?.focus();
    });
    dialog.showModal();
    (find("[aria-invalid]", panel) || find("[data-close]", panel) || panel).focus();
  }

  // --- Messages in the corner --------------------------------------------------------------------

  const TOAST_MS = 12000;

  function toast(text, isBad) {
    const region = find("#toasts");
    const note = document.createElement("div");
    note.className = `toast-note${isBad ? " is-bad" : ""}`;
    note.dataset.toast = "";
    const words = document.createElement("p");
    words.textContent = text;
    const close = document.createElement("button");
    close.type = "button";
    close.className = "btn btn-quiet";
    close.dataset.close = "";
    close.textContent = region.dataset.closeText;
    note.append(words, close);
    region.append(note);
  }

  new MutationObserver((changes) => {
    for (const change of changes) {
      for (const node of change.addedNodes) {
        // A pointer or the focus on the message keeps it; otherwise it goes by itself.
        if (node instanceof Element) setTimeout(() => leave(node), TOAST_MS);
      }
    }
  }).observe(find("#toasts"), { childList: true });

  function leave(note) {
    if (note.matches(":hover, :focus-within")) setTimeout(() => leave(note), TOAST_MS);
    else note.remove();
  }

  // --- htmx: progress line, failures, what changed for those who listen --------------------------

  let nRunning = 0;
  const setRunning = (change) => {
    nRunning = Math.max(0, nRunning + change);
    root.classList.toggle("is-loading", nRunning > 0);
  };
  const isPoll = (event) => event.detail.elt?.closest?.('[hx-trigger^="every"]');
  document.addEventListener("htmx:beforeRequest", (event) => isPoll(event) || setRunning(1));
  document.addEventListener("htmx:afterRequest", (event) => isPoll(event) || setRunning(-1));
  // A refusal changes nothing on the page: what was typed stays, the message comes beside it.
  const saysWhy = (event) => event.detail.xhr.getResponseHeader("HX-Trigger")?.includes("matchboard:refused");
  document.addEventListener("htmx:responseError", (event) => saysWhy(event) || toast(find("#toasts").dataset.failedText, true));
  document.addEventListener("matchboard:refused", (event) => toast(event.detail.value, true));
  document.addEventListener("htmx:sendError", () => toast(find("#toasts").dataset.offlineText, true));
  document.addEventListener("htmx:load", (event) => prepare(event.detail.elt));
  document.addEventListener("htmx:afterSwap", (event) => {
    const words = event.detail.elt?.querySelector?.("[data-announce]")?.textContent;
    if (words) find("#announcer").textContent = words.trim();
  });

  // --- Input methods -----------------------------------------------------------------------------

  // Letters of a reading are not the word yet: whoever listens hears of them once it stands there.
  let composing = null;
  document.addEventListener("compositionstart", (event) => (composing = event.target), true);
  document.addEventListener("input", (event) => event.isComposing && event.stopImmediatePropagation(), true);
  document.addEventListener(
    "compositionend",
    (event) => {
      composing = null;
      // After the browser's own event, so that the field holds the word.
      queueMicrotask(() => event.target.dispatchEvent(new Event("input", { bubbles: true })));
    },
    true,
  );
  // A question that waited since before the reading was begun would ask with half of it.
  document.addEventListener("htmx:configRequest", (event) => {
    const { elt, triggeringEvent } = event.detail;
    if (composing && triggeringEvent?.type === "input" && elt.contains(composing)) event.preventDefault();
  });

  // --- All or none of a list of tick boxes -------------------------------------------------------

  // Without scripts these links open the page with all of them ticked, or none.
  document.addEventListener("click", (event) => {
    const link = event.target.closest?.("[data-tick]");
    const boxes = link && findAll(`input[type="checkbox"][name="${link.dataset.tick}"]`, link.closest("form"));
    if (!boxes?.length) return;
    event.preventDefault();
    for (const box of boxes) box.checked = !("tickNone" in link.dataset);
    boxes[0].dispatchEvent(new Event("change", { bubbles: true }));
  });

  // --- Filter bars -------------------------------------------------------------------------------

  // A search box has been answered while typing; its "change" on leaving would ask again and undo
  // the sorting or paging that the person just clicked.
  document.addEventListener(
    "change",
    (event) => event.target.matches('.filter-bar input[type="search"]') && event.stopPropagation(),
    true,
  );

  // Addresses stay short and keep the order the person chose in the list itself. What is typed
  // changes the address in place: "back" leads past the letters, not through them.
  document.addEventListener("htmx:configRequest", (event) => {
    if (!event.detail.elt.matches(".filter-bar")) return;
    const isTyped = event.detail.triggeringEvent?.type === "input";
    event.detail.elt.setAttribute(isTyped ? "hx-replace-url" : "hx-push-url", "true");
    event.detail.elt.removeAttribute(isTyped ? "hx-push-url" : "hx-replace-url");
    const sort = new URLSearchParams(location.search).get("sort");
    if (sort) event.detail.parameters.sort = sort;
    for (const [name, value] of Object.entries(event.detail.parameters)) {
      if (value === "") delete event.detail.parameters[name];
    }
  });

  // --- Fields ------------------------------------------------------------------------------------

  function updateCounter(counter) {
    const field = document.getElementById(counter.dataset.counterFor);
    const left = Number(field.getAttribute("maxlength")) - [...field.value].length;
    counter.textContent = counter.dataset.counterText.replace("{n}", left);
    counter.classList.toggle("is-over", left < 0);
  }

  // The field stays a text box, because people write dates in many ways; the button lends it the
  // browser's calendar.
  function addCalendar(button) {
    const field = document.getElementById(button.dataset.dateButton);
    const calendar = document.createElement("input");
    calendar.type = "date";
    calendar.className = "date-native";
    calendar.tabIndex = -1;
    calendar.setAttribute("aria-hidden", "true");
    button.after(calendar);
    calendar.addEventListener("change", () => {
      field.value = calendar.value;
      field.dispatchEvent(new Event("change", { bubbles: true }));
      field.focus();
    });
    button.addEventListener("click", () => {
      if (/^\d{4}-\d{2}-\d{2}$/.test(field.value)) calendar.value = field.value;
      calendar.showPicker();
    });
  }

  function addFileDrop(box) {
    const input = find('input[type="file"]', box);
    const name = find("[data-file-name]", box);
    const mark = (isOver) => box.classList.toggle("is-over", isOver);
    box.addEventListener("dragover", (event) => (event.preventDefault(), mark(true)));
    box.addEventListener("dragleave", () => mark(false));
    box.addEventListener("drop", (event) => {
      event.preventDefault();
      mark(false);
      if (!event.dataTransfer.files.length) return;
      input.files = event.dataTransfer.files;
      input.dispatchEvent(new Event("change", { bubbles: true }));
    });
    input.addEventListener("change", () => {
      name.textContent = [...input.files].map((file) => file.name).join("、");
    });
  }

  function prepare(within) {
    for (const counter of findAll("[data-counter-for]", within)) {
      if (counter.dataset.isReady) continue;
      counter.dataset.isReady = "1";
      updateCounter(counter);
      document.getElementById(counter.dataset.counterFor).addEventListener("input", () => updateCounter(counter));
    }
    for (const button of findAll("[data-date-button]", within)) {
      if (button.dataset.isReady) continue;
      button.dataset.isReady = "1";
      addCalendar(button);
    }
    for (const box of findAll("[data-file-drop]", within)) {
      if (box.dataset.isReady) continue;
      box.dataset.isReady = "1";
      addFileDrop(box);
    }
    for (const tab of findAll(".tab-nav a[aria-current]", within)) {
      // Only the strip of tabs moves, never the page.
      const strip = tab.closest(".tab-nav");
      strip.scrollLeft = tab.offsetLeft - (strip.clientWidth - tab.offsetWidth) / 2;
    }
    find("[data-autofocus]", within)?.focus();
    // What was typed in a question was refused: the question is asked again, the fault at its field.
    const refused = find("details[data-modal][open]", within);
    if (refused && !find("dialog", refused)) openModal(refused);
    document.dispatchEvent(new CustomEvent("matchboard:prepare", { detail: within }));
  }

  prepare(document);
})();
