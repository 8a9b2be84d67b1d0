// A long form one step at a time. Without this file its steps follow each other on one page.
"use strict";

(() => {
  const findAll = (selector, within) => [...within.querySelectorAll(selector)];

  for (const form of findAll("form.stepped", document)) begin(form);

  function begin(form) {
    const steps = findAll("fieldset.form-section", form);
    const marks = findAll("[data-step-to]", form);
    const back = form.querySelector("[data-step-back]");
    const next = form.querySelector("[data-step-next]");
    const atEnd = findAll("[data-at-end]", form);
    const summary = form.querySelector(".error-summary");
    let current = 0;

    form.classList.add("is-stepped");
    form.querySelector(".form-steps").hidden = false;
    for (const step of steps) step.tabIndex = -1;
    steps.forEach((step, i) => {
      const isWrong = step.querySelector(".has-error, [aria-invalid='true']") !== null;
      marks[i].classList.toggle("is-wrong", isWrong);
      marks[i].querySelector("[data-wrong]").hidden = !isWrong;
    });

    function show(number) {
      current = Math.max(0, Math.min(number, steps.length - 1));
      steps.forEach((step, i) => (step.hidden = i !== current));
      marks.forEach((mark, i) => {
        mark.classList.toggle("is-done", i < current);
        if (i === current) mark.setAttribute("aria-current", "step");
        else mark.removeAttribute("aria-current");
      });
      const isLast = current === steps.length - 1;
      back.hidden = current === 0;
      next.hidden = isLast;
      for (const button of atEnd) button.hidden = !isLast;
    }

    // The browser's own "back" goes back a step, as a person on a phone expects.
    function go(number) {
      if (number === current) return;
      show(number);
      history.pushState({ formStep: current }, "");
      steps[current].focus({ preventScroll: true });
      form.scrollIntoView({ block: "start" });
    }

    const stepOf = (element) => steps.findIndex((step) => step.contains(element));

    form.addEventListener("click", (event) => {
      const mark = event.target.closest("[data-step-to]");
      if (mark) go(Number(mark.dataset.stepTo));
      if (event.target.closest("[data-step-back]")) go(current - 1);
      if (event.target.closest("[data-step-next]")) go(current + 1);
      const link = event.target.closest(".error-summary a[href^='#']");
      const field = link && document.getElementById(link.hash.slice(1));
      if (field && stepOf(field) >= 0) show(stepOf(field)); // before the browser goes to the field
    });

    // Enter would send the whole form; before the last step it means "on".
    form.addEventListener("keydown", (event) => {
      const isLine = event.target instanceof HTMLInputElement && !event.target.closest(".ts-wrapper");
      if (event.key !== "Enter" || event.defaultPrevented || event.isComposing || !isLine) return;
      if (current === steps.length - 1) return;
      event.preventDefault();
      go(current + 1);
    });

    // Following a link to a field is such a move too, to an entry that knows no step.
    window.addEventListener("popstate", (event) => {
      const field = document.getElementById(location.hash.slice(1));
      const step = event.state?.formStep ?? (field ? stepOf(field) : -1);
      if (step >= 0) show(step);
    });

    const aimed = document.getElementById(location.hash.slice(1));
    const wrong = marks.findIndex((mark) => mark.classList.contains("is-wrong"));
    const asked = steps.findIndex((step) => step.querySelector("[data-question]"));
    const first = wrong >= 0 && asked >= 0 ? Math.min(wrong, asked) : Math.max(wrong, asked);
    // What stands against the form as a whole is answered where it is sent.
    show(aimed && stepOf(aimed) >= 0 ? stepOf(aimed) : first >= 0 ? first : summary ? steps.length - 1 : (history.state?.formStep ?? 0));
    history.replaceState({ formStep: current }, "");
    aimed?.focus(); // a link to a field of a step that was hidden when the browser looked for it
  }
})();
