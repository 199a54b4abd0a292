// Suggestions below each box for searching, and results where no server answers; without this
// script the form asks the server. The index is a script of its own, loaded when it is needed.
"use strict";
(() => {
  const MOST = 10;
  const MANY = 30;
  let rows = null;

  const plain = (text) => text.normalize("NFKD").replace(/[\u0300-\u036f]/g, "").toLowerCase()
    .replace(/[\u2010\u2011-]/g, " ").replace(/\s+/g, " ").trim();

  function load(address, then) {
    if (rows) { then(); return; }
    const ready = () => {
      rows = window.calcinosisIndex.map(([label, path, kind, names]) =>
        ({ label, path, kind, names, keys: [label, path, ...names].map(plain) }));
      then();
    };
    const known = document.querySelector("script[data-search]");
    const script = known || document.createElement("script");
    script.addEventListener("load", ready);
    if (!known) {
      script.src = address;
      script.dataset.search = "";
      document.head.append(script);
    }
  }

  // Edits between two words, a swap of neighbours being one; more than most is most and one.
  function distance(one, other, most) {
    if (Math.abs(one.length - other.length) > most) return most + 1;
    let before = [], last = Array.from({ length: other.length + 1 }, (_, place) => place);
    for (let row = 1; row <= one.length; row++) {
      const now = [row];
      for (let at = 1; at <= other.length; at++) {
        const same = one[row - 1] === other[at - 1];
        let cost = Math.min(last[at] + 1, now[at - 1] + 1, last[at - 1] + (same ? 0 : 1));
        if (row > 1 && at > 1 && one[row - 1] === other[at - 2] && one[row - 2] === other[at - 1])
          cost = Math.min(cost, before[at - 2] + 1);
        now.push(cost);
      }
      if (Math.min(...now) > most) return most + 1;
      [before, last] = [last, now];
    }
    return last[other.length];
  }

  // Whether a word may be another one misspelt: one edit for each four letters, three at most.
  const seen = new Map();
  function near(one, other) {
    const pair = `${one} ${other}`;
    if (!seen.has(pair)) {
      if (seen.size > 50000) seen.clear();
      const most = Math.min(3, Math.floor(Math.max(one.length, other.length) / 4));
      seen.set(pair, most > 0 && distance(one, other, most) <= most);
    }
    return seen.get(pair);
  }

  window.calcinosisNear = near;  // for the boxes of other scripts

  function score(key, asked, words) {
    if (key === asked) return 100;
    if (key.startsWith(asked)) return 80 - Math.min(20, key.length - asked.length) / 2;
    const own = key.split(/[^\p{L}\p{N}]+/u);
    let sum = 0;
    for (const word of words) {
      if (own.includes(word)) sum += 10;
      else if (own.some((one) => one.startsWith(word))) sum += 8;
      else if (own.some((one) => near(one, word))) sum += 6;
      else if (word.length > 3 && key.includes(word)) sum += 5;
      else return 0;
    }
    return 5 * sum / words.length - Math.min(10, own.length);
  }

  function search(text, most) {
    const asked = plain(text);
    if (!asked) return [];
    const words = asked.split(" ");
    const found = [];
    for (const row of rows) {
      let best = 0, name = row.label;
      row.keys.forEach((key, place) => {
        const value = score(key, asked, words) - (place ? 0.5 : 0);
        if (value > best) { best = value; name = place > 1 ? row.names[place - 2] : row.label; }
      });
      const later = row.kind === "claim" ? 20 : row.kind === "reference" ? 10 : 0;
      if (best > 0) found.push({ row, name, best: best - later });
    }
    found.sort((a, b) => b.best - a.best || a.row.label.length - b.row.label.length);
    return found.slice(0, most);
  }

  function words(hit) {
    const other = hit.name === hit.row.label ? "" : ` (${hit.name})`;
    return [hit.row.label, ` ${hit.row.kind}${other}`];
  }

  function attach(box) {
    const { root, end, index } = box.dataset;
    const address = (hit) => root + hit.row.path + end;
    const list = document.createElement("ul");
    list.className = "suggestions";
    list.id = `${box.id}-list`;
    list.setAttribute("role", "listbox");
    list.setAttribute("aria-label", "Suggestions");
    list.hidden = true;
    box.form.append(list);
    box.setAttribute("role", "combobox");
    box.setAttribute("aria-autocomplete", "list");
    box.setAttribute("aria-controls", list.id);
    box.setAttribute("aria-expanded", "false");
    let hits = [], at = -1;

    function show(open) {
      list.hidden = !open;
      box.setAttribute("aria-expanded", String(open));
      if (!open) choose(-1);
    }
    function choose(place) {
      at = place;
      [...list.children].forEach((item, number) =>
        item.setAttribute("aria-selected", String(number === at)));
      if (at < 0) box.removeAttribute("aria-activedescendant");
      else {
        box.setAttribute("aria-activedescendant", list.children[at].id);
        list.children[at].scrollIntoView({ block: "nearest" });
      }
    }
    function suggest() {
      load(index, () => {
        hits = search(box.value, MOST);
        list.replaceChildren(...hits.map((hit, number) => {
          const item = document.createElement("li");
          item.setAttribute("role", "option");
          item.setAttribute("aria-selected", "false");
          item.id = `${list.id}-${number}`;
          const [label, more] = words(hit);
          const note = document.createElement("span");
          note.className = "note";
          note.textContent = more;
          item.append(label, note);
          item.addEventListener("mousedown", (event) => event.preventDefault());
          item.addEventListener("click", () => { location.href = address(hit); });
          return item;
        }));
        show(hits.length > 0 && document.activeElement === box);
      });
    }
    box.addEventListener("input", suggest);
    box.addEventListener("focus", () => load(index, () => {}));
    box.addEventListener("blur", () => show(false));
    box.addEventListener("keydown", (event) => {
      if (event.key === "Escape") { if (!list.hidden) event.preventDefault(); show(false); }
      if (list.hidden || !hits.length) return;
      const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
      if (step) {
        event.preventDefault();
        choose((at + step + (at < 0 && step < 0 ? 1 : 0) + hits.length) % hits.length);
      } else if (event.key === "Enter" && at >= 0) {
        event.preventDefault();
        location.href = address(hits[at]);
      }
    });
    return address;
  }

  // A folder of files: the page of results is filled in here.
  function fill(box, address, found) {
    const asked = new URLSearchParams(location.search).get("q") || "";
    box.value = asked;
    if (!asked) return;
    load(box.dataset.index, () => {
      const list = document.createElement("ul");
      for (const hit of search(asked, MANY)) {
        const item = document.createElement("li"), link = document.createElement("a");
        const [label, more] = words(hit);
        link.href = address(hit);
        link.textContent = label;
        item.append(link, more);
        list.append(item);
      }
      const none = document.createElement("p");
      none.textContent = "Nothing is near to it.";
      found.replaceChildren(list.children.length ? list : none);
    });
  }

  for (const box of document.querySelectorAll("input[data-index]")) {
    const address = attach(box);
    const found = document.getElementById("found");
    if (found && box.dataset.end) fill(box, address, found);
  }
})();
