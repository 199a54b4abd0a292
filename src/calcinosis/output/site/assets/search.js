// Suggestions below each box for searching, and results where no server answers; without this
// script the form asks the server. The index is a script of its own, loaded when it is needed.
"use strict";
(() => {
  const MOST = 10;
  const MANY = 30;
  const SPOKEN = 0.99;
  let rows = null, same = new Map(), longest = 1;

  const plain = (text) => text.normalize("NFKD").replace(/[\u0300-\u036f]/g, "").toLowerCase()
    .replace(/[\u2010\u2011-]/g, " ").replace(/\s+/g, " ").trim();

  function load(address, then) {
    if (rows) { then(); return; }
    const ready = () => {
      rows = window.calcinosisIndex.map(([label, path, kind, other, spoken]) => {
        const names = [...other, ...spoken], own = 2 + other.length;
        const keys = [label, path.split("/").pop(), ...names].map(plain);
        const weights = keys.map((_, place) => (place === 0 ? 1 : place < own ? 0.995 : SPOKEN));
        return { label, path, kind, names, keys, weights, own: keys.map(wordsOf) };
      });
      same = new Map([...window.calcinosisSame].reverse().map(([word, ours]) => [plain(word), ours]));
      longest = Math.max(1, ...[...same.keys()].map((word) => word.split(" ").length));
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

  const wordsOf = (text) => text.match(/[\p{L}\p{N}_]+/gu) || [];

  // How well a word of a name fits one that is asked for: as it is, begun, misspelt, as a part.
  function likeness(word, other) {
    if (other === word) return 1;
    if (word.length > 2 && other.startsWith(word)) return 0.9;
    const most = Math.floor(word.length / 4), edits = distance(word, other, most);
    const share = 1 - edits / Math.max(word.length, other.length);
    if (edits <= most && share >= 0.7) return share;
    return word.length > 3 && other.includes(word) ? 0.7 : 0;
  }

  // As the server scores a name: by the whole of it, or word by word.
  function score(key, own, asked, words, alike) {
    if (key === asked) return 1;
    const longer = Math.max(key.length, asked.length);
    const most = Math.min(3, Math.floor(longer / 4)), edits = distance(asked, key, most);
    const whole = edits > most ? 0 : 1 - (edits === 1 ? 0.6 : 1) * edits / (longer + 1);
    let sum = 0;
    for (const word of words) sum += Math.max(0, ...own.map((other) => alike(word, other)));
    const share = Math.min(1, words.length / Math.min(own.length, 8));
    const isNamed = sum >= own.length && key.length > 2;  // the name stands whole in a question
    const within = isNamed ? 0.55 + 0.3 * own.length / words.length : 0;
    const value = Math.max(whole, within, sum / words.length * (0.65 + 0.3 * share));
    return value < 0.55 ? 0 : value;
  }

  const LATER = { reference: 1, claim: 1 };

  // The text with each phrase that others say in the words of ours.
  function inOurs(text) {
    const given = text.split(" "), found = [];
    for (let place = 0; place < given.length;) {
      let end = Math.min(place + longest, given.length);
      while (end > place && !same.has(given.slice(place, end).join(" "))) end--;
      found.push(end > place ? plain(same.get(given.slice(place, end).join(" "))) : given[place]);
      place = Math.max(end, place + 1);
    }
    return found.join(" ");
  }

  // The best first, as the server has them: of equals the more general, and what a reference is
  // about before it. Claims, which the server's search has not, come last. While one types, names
  // that are so or begin so come before all others.
  function search(text, most, typing) {
    // In citations "et al." and the name of an identifier stand beside what is searched.
    const asked = plain(plain(text).replace(/\bet al\b\.?,?|^(?:pmid|doi|pmcid)\b[:\s]+(?=\S)/g, " "));
    const ours = inOurs(asked), found = [], seen = new Map();
    const queries = [[asked, 1], ...(ours === asked ? [] : [[ours, SPOKEN]])]
      .map(([query, weight]) => ({ query, weight, words: [...new Set(wordsOf(query))] }));
    if (!queries[0].words.length) return [];
    const alike = (word, other) => {
      const pair = `${word} ${other}`;
      if (!seen.has(pair)) seen.set(pair, likeness(word, other));
      return seen.get(pair);
    };
    for (const row of rows) {
      let best = 0, name = row.label, begun = Infinity;
      row.keys.forEach((key, place) => {
        const is = row.weights[place] * Math.max(...queries.map((one) =>
          one.weight * score(key, row.own[place], one.query, one.words, alike)));
        const called = place > 1 ? row.names[place - 2] : row.label;
        const before = begun;
        if (typing && key.startsWith(asked)) begun = Math.min(begun, key.length);
        if (begun < before || (is > best && begun === Infinity)) name = called;
        best = Math.max(best, is);
      });
      if (best > 0 || begun < Infinity) found.push({ row, name, best, begun });
    }
    const order = (a, b) => (a.begun === b.begun ? 0 : a.begun - b.begun) ||
      (a.row.kind === "claim") - (b.row.kind === "claim") || b.best - a.best ||
      (LATER[a.row.kind] || 0) - (LATER[b.row.kind] || 0);  // else as they stand in the index
    return found.sort(order).slice(0, most);
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
        hits = search(box.value, MOST, true);
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
      for (const hit of search(asked, MANY, false)) {
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
