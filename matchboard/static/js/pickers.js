// Search while typing for fields that name skills, places or occupations. Without this file the
// fields are text boxes and the server finds the code.
"use strict";

(() => {
  const self = document.currentScript;
  const MIN_LENGTH = 1;
  let loading = null;

  function loadTomSelect() {
    loading ??= new Promise((resolve, reject) => {
      const style = document.createElement("link");
      style.rel = "stylesheet";
      style.href = self.dataset.tomSelectCss;
      // Before our own sheets, so that they have the last word.
      document.querySelector('link[rel="stylesheet"]').after(style);
      const script = document.createElement("script");
      script.src = self.dataset.tomSelectJs;
      script.addEventListener("load", () => resolve(window.TomSelect));
      script.addEventListener("error", reject);
      document.head.append(script);
    });
    return loading;
  }

  function options(url, noResults, more) {
    return {
      valueField: "value",
      labelField: "text",
      searchField: [],
      sortField: [],
      // The server has already chosen and ordered.
      score: () => () => 1,
      maxOptions: 20,
      loadThrottle: 200,
      closeAfterSelect: true,
      hidePlaceholder: true,
      // Between a new letter and its answer the old suggestions would be wrong ones.
      onType() {
        const kept = new Set(this.items);
        for (const value of Object.keys(this.options)) if (!kept.has(value)) this.removeOption(value, true);
      },
      // A closed list has no option for a screen reader to stand on. After a click Tom Select marks
      // the chosen one once more, so this comes last.
      onDropdownClose() {
        queueMicrotask(() => this.clearActiveOption());
      },
      shouldLoad: (query) => query.trim().length >= MIN_LENGTH,
      load(query, done) {
        const address = new URL(url, location.origin);
        address.searchParams.set("q", query);
        fetch(address, { headers: { Accept: "application/json" } })
          .then((answer) => (answer.ok ? answer.json() : []))
          .then(done)
          .catch(() => done());
      },
      render: {
        option: (item, escape) =>
          `<div>${escape(item.text)}${item.extra ? `<small>${escape(item.extra)}</small>` : ""}</div>`,
        item: (item, escape) => `<div>${escape(item.text)}</div>`,
        no_results: () => `<div class="no-results">${noResults}</div>`,
        option_create: () => "",
        not_loading: () => "",
        loading: () => "",
      },
      ...more,
    };
  }

  async function addPicker(input) {
    const TomSelect = await loadTomSelect();
    const items = JSON.parse(input.dataset.items || "[]");
    const maxItems = Number(input.dataset.maxItems) || null;
    input.value = items.map((item) => item.value).join(";");
    const plugins = maxItems === 1 ? {} : { remove_button: {} };
    const picker = new TomSelect(
      input,
      options(input.dataset.picker, input.dataset.noResults || "", {
        delimiter: ";",
        maxItems,
        options: items,
        items: items.map((item) => item.value),
        plugins,
        // Words the list does not have are kept: the server says what it made of them.
        create: true,
        createOnBlur: true,
        persist: false,
        addPrecedence: false,
      }),
    );
    wire(picker, input);
  }

  // The search box takes over the field's place: its id (labels and the error summary point there)
  // and what screen readers were told about it.
  function wire(picker, input) {
    const box = picker.control_input;
    const label = document.querySelector(`label[for="${CSS.escape(box.id)}"]`);
    box.id = input.id;
    if (label) label.htmlFor = input.id;
    input.removeAttribute("id");
    input.type = "hidden";
    for (const name of ["aria-describedby", "aria-invalid"]) {
      if (input.getAttribute(name)) box.setAttribute(name, input.getAttribute(name));
    }
    box.setAttribute("autocomplete", "off");
  }

  async function addSkillPicker(group) {
    const TomSelect = await loadTomSelect();
    const list = group.querySelector(".skill-rows");
    const template = group.querySelector("template");

    function addRow(value, text, level) {
      if ([...list.querySelectorAll("input[type=hidden]")].some((input) => input.value === value)) return;
      const row = template.content.firstElementChild.cloneNode(true);
      row.querySelector("input").value = value;
      row.querySelector(".skill-row-name").textContent = text;
      const select = row.querySelector("select");
      select.value = level;
      select.setAttribute("aria-label", `${text} ${select.getAttribute("aria-label")}`);
      const remove = row.querySelector("[data-remove-row] svg");
      remove.setAttribute("aria-label", `${remove.getAttribute("aria-label")} ${text}`);
      list.append(row);
    }

    const search = document.createElement("input");
    search.type = "text";
    const rows = [...list.children];
    search.id = rows[0]?.querySelector("input").id || "";
    const describedBy = rows[0]?.querySelector("input").getAttribute("aria-describedby");
    rows.forEach((row) => row.remove());
    for (const row of rows) {
      const text = row.querySelector("input").value;
      if (text) addRow(row.dataset.value || text, text, row.querySelector("select").value);
    }
    search.className = "form-control";
    search.placeholder = group.dataset.placeholder;
    search.setAttribute("aria-label", group.querySelector("legend").textContent.trim());
    if (describedBy) search.setAttribute("aria-describedby", describedBy);
    list.after(search);
    const picker = new TomSelect(
      search,
      options(group.dataset.lookup, group.dataset.noResults, {
        maxItems: 1,
        onItemAdd(value) {
          addRow(value, this.options[value].text, "");
          this.clear(true);
          this.clearOptions();
          this.setTextboxValue("");
        },
      }),
    );
    picker.control_input.setAttribute("aria-label", search.getAttribute("aria-label"));
    wire(picker, search);
  }

  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-remove-row]");
    if (!button) return;
    const group = button.closest("[data-skill-picker]");
    button.closest("[data-skill-row]").remove();
    group.querySelector(".ts-control input")?.focus();
  });

  // An answer to "what do you mean?" goes into the field that asked; another choice there takes the
  // mark off it again.
  document.addEventListener("change", (event) => {
    const { fills, text } = event.target.dataset;
    // By name: the search box bears the field's name as its id.
    const field = fills && event.target.form.querySelector(`[name="${CSS.escape(fills)}"]`);
    const picker = field?.tomselect;
    if (picker) {
      picker.clear(true);
      if (!text) return;
      picker.addOption({ value: event.target.value, text });
      picker.setValue(event.target.value, true);
    } else if (event.target.tomselect) {
      const answers = event.target.form.querySelectorAll(`[data-fills="${CSS.escape(event.target.name)}"]`);
      for (const answer of answers) answer.checked &&= answer.value === event.target.value;
    }
  });

  function prepare(within) {
    for (const input of within.querySelectorAll("[data-picker]:not([data-is-ready])")) {
      input.dataset.isReady = "1";
      addPicker(input);
    }
    for (const group of within.querySelectorAll("[data-skill-picker]:not([data-is-ready])")) {
      group.dataset.isReady = "1";
      addSkillPicker(group);
    }
  }

  document.addEventListener("matchboard:prepare", (event) => prepare(event.detail));
  prepare(document);
})();
