// Runs a query in place: the server writes the answer (output/site/editor.py), this puts it here.
"use strict";
(() => {
  const form = document.getElementById("editor");
  const area = document.getElementById("query");
  const state = document.getElementById("state");
  const examples = document.getElementById("examples");
  const run = form.querySelector("button.main");
  let waiting = null;

  // The query stands in the address, so that it can be passed on; a long one in its fragment.
  function address() {
    const asked = new URLSearchParams({ query: area.value });
    const path = form.getAttribute("action");
    const sign = `${asked}`.length > Number(form.dataset.longest) ? "#" : "?";
    history.replaceState(null, "", `${path}${sign}${asked}`);
  }

  const fit = () => {
    area.rows = Math.min(18, Math.max(8, area.value.split("\n").length + 1));
  };

  // Puts the caret at the place of an error, and selects the word there.
  function point(error) {
    const lines = area.value.split("\n");
    const line = Number(error.dataset.line);
    const before = lines.slice(0, line - 1).reduce((sum, one) => sum + one.length + 1, 0);
    const text = lines[line - 1] || "";
    // Columns count characters, a text area counts units of UTF-16.
    const column = [...text].slice(0, Number(error.dataset.column) - 1).join("").length;
    const word = /^[\w:?$-]+|^\S/.exec(text.slice(column));
    area.focus();
    area.setSelectionRange(before + column, before + column + (word ? word[0].length : 0));
    const tall = parseFloat(getComputedStyle(area).lineHeight);
    area.scrollTop = Math.max(0, (line - 3) * tall);
  }

  function show(html) {
    const page = new DOMParser().parseFromString(html, "text/html");
    const answer = page.getElementById("answer");
    if (!answer) throw new Error("no answer");
    document.getElementById("answer").replaceWith(answer);
    window.calcinosisLong(answer);
    const error = answer.querySelector("#query-error");
    area.toggleAttribute("aria-invalid", false);
    area.setAttribute("aria-describedby", error ? "query-hint query-error" : "query-hint");
    if (error) area.setAttribute("aria-invalid", "true");
    if (error && error.dataset.line) point(error);
    const told = answer.querySelector(".told");
    state.textContent = told ? told.textContent : "";
  }

  async function ask() {
    if (!area.value.trim()) return area.focus();
    if (waiting) waiting.abort();
    const mine = (waiting = new AbortController());
    state.textContent = "Running …";
    run.textContent = "Run again";
    try {
      const body = new URLSearchParams({ query: area.value });
      const response = await fetch(form.action, { method: "POST", body, signal: mine.signal });
      show(await response.text());
      address();
    } catch (error) {
      if (error.name !== "AbortError") state.textContent = "The server did not answer. Try again.";
    } finally {
      if (waiting === mine) {
        waiting = null;
        run.textContent = "Run";
      }
    }
  }

  async function example(name) {
    if (!name) return;
    const path = `${examples.action}?${new URLSearchParams({ example: name })}`;
    try {
      const page = new DOMParser().parseFromString(await (await fetch(path)).text(), "text/html");
      // By setRangeText and not by value, so that it can be undone.
      area.setRangeText(page.getElementById("query").value, 0, area.value.length, "start");
      fit();
      area.focus();
      area.scrollTop = 0;
      state.textContent = "The example stands in the editor.";
    } catch (error) {
      state.textContent = "The server did not answer. Try again.";
    }
  }

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    ask();
  });
  area.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      ask();
    }
  });
  examples.addEventListener("submit", (event) => {
    event.preventDefault();
    example(examples.elements.example.value);
  });
  for (const button of form.querySelectorAll("button[data-declare]")) {
    button.disabled = false;
    button.addEventListener("click", () => {
      const said = `${button.dataset.declare}\n`;
      if (!area.value.includes(said.trim())) area.setRangeText(said, 0, 0, "end");
      area.focus();
    });
  }
  const asked = new URLSearchParams(location.hash.slice(1)).get("query");
  if (asked) area.value = asked;
  area.addEventListener("input", fit);
  const error = document.getElementById("query-error");
  if (error && error.dataset.line) point(error);
})();
