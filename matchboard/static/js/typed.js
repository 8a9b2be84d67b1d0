// What is being typed survives a reload, "back", another page and a change of language. This file
// notes it for this tab and asks the server to fill it in again, so that rows and pickers come back
// too. Nothing of forms that hold a password or offence facts, and nothing after signing out.
"use strict";

(() => {
  const KEY = "matchboard.typed";
  const MAX_AGE = 12 * 60 * 60 * 1000;
  const AGAIN_AFTER = 5000;
  const own = /(^|-)(csrf_token|submission_key|draft_token)$/;
  // What the form was opened on goes with what was typed: by it the server tells what changed since.
  const opening = /(^|-)(version|opened|seen)$/;
  const { owner, typed } = document.body.dataset;
  const secret = new RegExp(document.body.dataset.secret, "i");
  const isPersonal = document.body.classList.contains("layout-person");
  const languageSwitch = document.querySelector(".language-switch");

  function read() {
    try {
      const store = JSON.parse(sessionStorage.getItem(KEY)) || {};
      // Somebody else signed in on this tab.
      return store.owner && owner && store.owner !== owner ? {} : store;
    } catch {
      return {};
    }
  }

  function write(store) {
    try {
      if (Object.keys(store.forms || {}).length) sessionStorage.setItem(KEY, JSON.stringify(store));
      else sessionStorage.removeItem(KEY);
    } catch {
      // No room, or not allowed: then it is as without this file.
    }
  }

  // Not form.action: a button may have that name.
  const addressOf = (form) => new URL(form.getAttribute("action") || "", location.href).pathname;

  const said = (fields) => JSON.stringify(fields.filter(([name]) => !opening.test(name)));

  // A personal link's address is a key: only a digest of it is noted.
  function nameOf(form) {
    let digest = 2166136261;
    for (const letter of addressOf(form)) {
      digest = Math.imul(digest ^ letter.codePointAt(0), 16777619) >>> 0;
    }
    return digest.toString(36);
  }

  const isKept = (form) =>
    form.method === "post" &&
    typed !== "never" &&
    form !== languageSwitch &&
    !form.querySelector('input[type="password"]') &&
    [...form.elements].some((one) => !["hidden", "submit", "button", "fieldset"].includes(one.type));

  const fieldsOf = (form) =>
    [...new FormData(form)].filter(
      ([name, value]) =>
        typeof value === "string" &&
        !own.test(name) &&
        !secret.test(name) &&
        !(isPersonal && name.endsWith("birth_date")),
    );

  const touched = new Set();
  let waiting = 0;
  let hasTyped = false; // on this page: then nothing older is put in its place

  function note() {
    clearTimeout(waiting);
    if (!touched.size) return;
    const store = read();
    const forms = store.forms || {};
    for (const form of touched) {
      const entry = { at: Date.now(), page: location.pathname, fields: fieldsOf(form) };
      if (form.isConnected) forms[nameOf(form)] = entry;
    }
    touched.clear();
    write({ owner: owner || store.owner, forms });
  }

  function touch(event) {
    const form = event.target.form || event.target.closest?.("form");
    if (!form || !isKept(form)) return;
    hasTyped = true;
    touched.delete(form);
    touched.add(form);
    clearTimeout(waiting);
    waiting = setTimeout(note, 300);
  }

  function forget(form) {
    const store = read();
    touched.delete(form);
    delete store.forms?.[nameOf(form)];
    write(store);
  }

  // Who takes one step of a page has decided against what was begun in the others.
  function forgetOthers(form, store) {
    for (const [name, entry] of Object.entries(store.forms || {})) {
      if (entry.page === location.pathname && name !== nameOf(form)) delete store.forms[name];
    }
  }

  // A browser fills in again what was typed before "back", but not where it may suggest nothing. So
  // only with scripts, which bring it back themselves, are these fields closed to suggestions.
  document.addEventListener("focusin", ({ target }) => {
    if (target.dataset?.autocomplete) target.setAttribute("autocomplete", target.dataset.autocomplete);
  });
  document.addEventListener("input", touch);
  document.addEventListener("change", touch);
  addEventListener("pagehide", note);

  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (form === languageSwitch) return carry();
    note();
    if (addressOf(form) === "/logout") return sessionStorage.removeItem(KEY);
    const store = read();
    const entry = store.forms?.[nameOf(form)];
    if (entry) entry.isSent = true;
    if (form.method === "post") forgetOthers(form, store);
    write(store);
  });
  // "Cancel" and "back" of a form or of the panel it stands in; "start again" of all on the page.
  document.addEventListener("click", (event) => {
    if (event.target.closest?.("[data-forget]")) for (const form of document.forms) forget(form);
    const way = event.target.closest?.(".form-actions a[href], .form-leave, [data-close]");
    const panel = way?.closest("form, dialog");
    const forms = panel instanceof HTMLFormElement ? [panel] : panel?.querySelectorAll("form") || [];
    for (const form of forms) forget(form);
  });
  document.addEventListener("htmx:afterRequest", (event) => {
    const form = event.detail.elt;
    if (form instanceof HTMLFormElement && form.method === "post" && event.detail.successful) forget(form);
  });

  // --- Given to the server ----------------------------------------------------------------------

  // Forms of this page with what was noted of them, the youngest first.
  function noted() {
    const { forms = {} } = read();
    const found = [...document.forms]
      .filter((form) => isKept(form) && forms[nameOf(form)])
      .map((form) => ({ form, entry: forms[nameOf(form)] }));
    return found.sort((a, b) => b.entry.at - a.entry.at);
  }

  function put(name, value) {
    let input = languageSwitch.querySelector(`[name="${name}"]`);
    if (!input) {
      input = document.createElement("input");
      input.type = "hidden";
      input.name = name;
      languageSwitch.append(input);
    }
    input.value = value;
  }

  function carry() {
    note();
    const found = noted().find(({ entry }) => !entry.isOffered);
    if (!found) return false;
    put("typed_form", addressOf(found.form));
    put("typed", JSON.stringify(found.entry.fields));
    return true;
  }

  const isRefusal = document.querySelector(
    ".error-summary, .has-error, [data-question], .stale-edit, .error-page, .notice-bad, #sign-in, .form-expired",
  );

  // What the page has to say once would be lost with it: what was typed waits for the next page.
  // That something was filled in is no news: what this tab noted since then is younger.
  const hasNews = [...document.querySelectorAll("#messages > *")].some(
    (one) => !one.matches("[data-filled-in]") && !one.querySelector("[data-filled-in]"),
  );

  // Words in a form that makes a new record are about whoever it was begun for. Who reloads, comes
  // back, changes the language or signs in again goes on with the same; who opens it anew may mean
  // somebody else: then they are offered, until something else is typed.
  const [navigation] = performance.getEntriesByType("navigation");
  const isGoingOn =
    navigation?.type !== "navigate" ||
    /^https?:\/\/[^/]+\/login([?#]|$)/.test(document.referrer) ||
    new URLSearchParams(location.search).has("draft");

  function offer(form, words) {
    const notice = words.content.firstElementChild.cloneNode(true);
    const mark = (isOffered) => {
      const store = read();
      const entry = store.forms?.[nameOf(form)];
      if (entry) entry.isOffered = isOffered;
      write(store);
    };
    mark(true);
    notice.querySelector("[data-take]").addEventListener("click", () => {
      mark(false);
      fillIn(form);
    });
    notice.querySelector("[data-drop]").addEventListener("click", () => {
      forget(form);
      notice.remove();
      [...form.elements].find((one) => one.checkVisibility?.())?.focus();
    });
    form.addEventListener("input", () => notice.remove(), { once: true });
    document.querySelector("#messages").append(notice);
  }

  async function fillIn(form) {
    const store = read();
    store.forms[nameOf(form)].triedAt = Date.now();
    write(store);
    carry();
    const body = new URLSearchParams(new FormData(languageSwitch)); // without the button: the language stays
    const answer = await fetch(languageSwitch.action, { method: "POST", body });
    if (answer.ok && !hasTyped) location.replace(answer.url);
  }

  async function bringBack() {
    const store = read();
    const forms = store.forms || {};
    for (const [name, entry] of Object.entries(forms)) {
      if ((entry.isSent && !isRefusal) || Date.now() - entry.at > MAX_AGE) delete forms[name];
      else delete entry.isSent; // refused: at the sign-in, too, it is still to be sent
    }
    write({ ...store, forms });
    if (isRefusal || hasNews || !languageSwitch) return;
    const [found] = noted();
    if (!found || said(fieldsOf(found.form)) === said(found.entry.fields)) return;
    const words = found.form.querySelector("template[data-typed-offer]");
    if (words && (found.entry.isOffered || !isGoingOn)) offer(found.form, words);
    else if (Date.now() - (found.entry.triedAt || 0) >= AGAIN_AFTER) await fillIn(found.form);
  }

  if (typed !== "never") bringBack();
})();
