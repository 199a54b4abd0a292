// Narrows and sorts the claims at once, by the same rules as the server (output/site/facets.py).
"use strict";
(() => {
  const form = document.getElementById("choice");
  const body = document.getElementById("claims").tBodies[0];
  const status = document.getElementById("count");
  const heads = [...document.querySelectorAll("#claims th[data-direction]")];
  const live = form.dataset.live === "yes";
  const OF_CLAIMS = ["subtype", "condition", "kind", "relation", "contested"];
  const OF_CITATIONS = ["study_type", "read", "year"];
  const SORTS = { kind: 0, claim: 1, references: 2, year: 3 };
  const fold = (text) => text.toLowerCase().normalize("NFKD").replace(/\p{M}/gu, "");
  const numbers = (text) => (text ? text.split(" ").map(Number) : []);

  // The controls of each facet, in the order to which the numbers of rows refer.
  const controls = {};
  for (const name of [...OF_CLAIMS, ...OF_CITATIONS]) {
    const select = form.querySelector(`select[name=${name}]`);
    controls[name] = select
      ? [...select.options].filter((option) => option.value)
      : [...form.querySelectorAll(`input[name=${name}]`)];
  }
  for (const option of controls.condition) {
    option.dataset.words = option.textContent.replace(/ \(\d+\)$/, "");
  }
  const rows = [...body.rows].map((row) => ({
    row,
    text: "",
    of: Object.fromEntries(OF_CLAIMS.map((name) => [name, numbers(row.dataset[name])])),
    cited: row.dataset.cited.split(" ").filter(Boolean).map((one) => one.split(".").map(Number)),
    keys: row.dataset.keys.split(" ").filter(Boolean),
    order: numbers(row.dataset.order),
  }));

  const isOn = (control) => (control.tagName === "OPTION" ? control.selected : control.checked);

  function chosen() {
    const found = {};
    for (const [name, all] of Object.entries(controls)) {
      const on = new Set(all.flatMap((control, number) => (isOn(control) ? [number] : [])));
      if (on.size) found[name] = on;
    }
    return found;
  }

  const claimMeets = (row, on, but) =>
    OF_CLAIMS.every((n) => n === but || !on[n] || row.of[n].some((one) => on[n].has(one)));
  const citationMeets = (cited, on, but) =>
    OF_CITATIONS.every((n, place) => n === but || !on[n] || on[n].has(cited[place]));
  const anyMeets = (row, on) =>
    row.cited.length
      ? row.cited.some((cited) => citationMeets(cited, on))
      : OF_CITATIONS.every((name) => !on[name]);

  function count(found, on) {
    const counts = {};
    for (const name of OF_CLAIMS) {
      counts[name] = new Array(controls[name].length).fill(0);
      for (const row of found) {
        if (claimMeets(row, on, name) && anyMeets(row, on)) {
          for (const one of row.of[name]) counts[name][one] += 1;
        }
      }
    }
    OF_CITATIONS.forEach((name, place) => {
      counts[name] = new Array(controls[name].length).fill(0);
      for (const row of found) {
        if (!claimMeets(row, on)) continue;
        const cited = row.cited.filter((one) => citationMeets(one, on, name));
        for (const one of new Set(cited.map((each) => each[place]))) counts[name][one] += 1;
      }
    });
    return counts;
  }

  function tell(counts) {
    for (const [name, all] of Object.entries(controls)) {
      all.forEach((control, number) => {
        const told = counts[name][number];
        if (control.tagName === "OPTION") {
          control.textContent = `${control.dataset.words} (${told})`;
          return;
        }
        const label = control.closest("label");
        label.querySelector(".count").textContent = told;
        label.classList.toggle("none", !told && !control.checked);
      });
    }
  }

  function parameters() {
    const found = new URLSearchParams();
    for (const [name, value] of new FormData(form)) {
      if (value.trim() && !(name === "sort" && value === "kind")) found.append(name, value.trim());
    }
    return found;
  }

  function address(asked) {
    const said = asked.toString();
    const base = location.href.replace(/[?#].*$/, "");
    try {
      history.replaceState(null, "", said ? `${base}${live ? "?" : "#"}${said}` : base);
    } catch (error) {
      if (!live) location.hash = said; // a browser that lets no script rename a file
    }
    for (const link of document.querySelectorAll("a.follows")) {
      const path = link.getAttribute("href").replace(/\?.*$/, "");
      link.setAttribute("href", said ? `${path}?${said}` : path);
    }
    for (const head of heads) {
      const link = head.querySelector("a");
      const other = new URLSearchParams(asked);
      other.delete("sort");
      if (link.dataset.sort !== "kind") other.append("sort", link.dataset.sort);
      link.setAttribute("href", `${live ? "?" : "#"}${other}`);
    }
  }

  let sorted = form.elements.sort.value;
  function sort() {
    const by = form.elements.sort.value;
    for (const head of heads) {
      const here = head.querySelector("a").dataset.sort === by;
      if (here) head.setAttribute("aria-sort", head.dataset.direction);
      else head.removeAttribute("aria-sort");
    }
    if (by === sorted) return;
    sorted = by;
    const place = SORTS[by];
    const sign = place > 1 ? -1 : 1;
    rows.sort((a, b) => sign * (a.order[place] - b.order[place]) || a.order[0] - b.order[0]);
    body.append(...rows.map((one) => one.row));
  }

  // A long table is laid out in part: all of it is in the page, and on paper.
  const MOST = 60;
  const more = document.createElement("p");
  const rest = document.createElement("button");
  rest.type = "button";
  rest.addEventListener("click", () => {
    const next = body.querySelector("tr.later");
    more.hidden = true;
    for (const one of body.querySelectorAll("tr.later")) one.classList.remove("later");
    next.querySelector("a").focus();
  });
  more.className = "screen";
  more.append(rest);
  body.parentElement.after(more);

  function cut() {
    const shown = [...body.rows].filter((row) => !row.hidden);
    shown.forEach((row, place) => row.classList.toggle("later", place >= MOST));
    more.hidden = shown.length <= MOST;
    rest.textContent = `Show the other ${shown.length - MOST} of these claims`;
  }

  // The heat map of what is shown, from its own page, while its fold is open.
  const map = document.getElementById("map"), around = map && map.parentElement;
  let drawn = "", waiting = 0;
  async function draw() {
    const source = document.querySelector(".carry a[href*=heatmap]").getAttribute("href");
    if (!around.open || source === drawn) return;
    drawn = source;
    try {
      const text = await (await fetch(source)).text();
      if (source !== drawn) return;
      const main = new DOMParser().parseFromString(text, "text/html").querySelector("main");
      map.replaceChildren(...[...main.children].filter((one) => one.tagName !== "H1"));
      const link = map.querySelector("p > a");
      link.setAttribute("href", source);
      link.textContent = "On a page of its own";
    } catch {
      drawn = "";
      map.textContent = "The server does not answer. Close this and open it again.";
    }
  }
  const redraw = () => { clearTimeout(waiting); waiting = setTimeout(draw, 300); };
  if (map) around.addEventListener("toggle", draw);

  const named = document.getElementById("named"), called = form.elements.q.value;

  function apply() {
    if (named) named.hidden = form.elements.q.value.trim() !== called;
    const on = chosen();
    const words = fold(form.elements.q.value).split(/\s+/).filter(Boolean);
    if (words.length) for (const row of rows) row.text ||= fold(row.row.textContent);
    const found = rows.filter((row) => words.every((word) => row.text.includes(word)));
    const shown = new Set(found.filter((row) => claimMeets(row, on) && anyMeets(row, on)));
    for (const row of rows) row.row.hidden = !shown.has(row);
    tell(count(found, on));
    const keys = new Set([...shown].flatMap((row) => row.keys));
    const said =
      `${shown.size} of ${rows.length} claim${rows.length === 1 ? "" : "s"} shown, with ` +
      `${keys.size} reference${keys.size === 1 ? "" : "s"}`;
    if (status.textContent !== said) status.textContent = said;
    sort();
    cut();
    address(parameters());
    if (map) redraw();
  }

  function set(asked) {
    form.elements.q.value = asked.get("q") || "";
    form.elements.sort.value = asked.get("sort") in SORTS ? asked.get("sort") : "kind";
    for (const [name, all] of Object.entries(controls)) {
      const values = new Set(asked.getAll(name));
      for (const control of all) {
        if (control.tagName === "OPTION") control.selected = values.has(control.value);
        else control.checked = values.has(control.value);
      }
    }
  }

  form.querySelector("button.main").hidden = true;
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    apply();
  });
  form.addEventListener("input", apply);
  document.getElementById("clear").addEventListener("click", (event) => {
    event.preventDefault();
    set(new URLSearchParams());
    apply();
  });
  for (const head of heads) {
    head.querySelector("a").addEventListener("click", (event) => {
      if (event.metaKey || event.ctrlKey || event.shiftKey) return;
      event.preventDefault();
      form.elements.sort.value = event.target.dataset.sort;
      apply();
    });
  }
  if (matchMedia("(max-width: 44rem)").matches) {
    for (const one of form.querySelectorAll("details")) {
      if (!one.querySelector(":checked")) one.open = false;
    }
  }
  const asked = new URLSearchParams(live ? location.search : location.hash.slice(1));
  if (!live && asked.toString()) set(asked);
  // Not at once: a browser that comes back fills in the form after this.
  addEventListener("pageshow", apply);
})();
