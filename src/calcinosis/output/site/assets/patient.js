"use strict";
// The patient's page with a script: verdicts as facts change, suggestions, and the facts behind
// the # of the address. Without it every button sends the form, and the page comes back.
(() => {
const WAIT = 350, LONG = 2500, MOST = 12;
const LISTS = "[data-list]";
let asked = 0, running = Promise.resolve(), timer = 0, words = null;

const form = () => document.getElementById("patient");
const section = () => form().querySelector("#result > section");
document.documentElement.classList.add("js");

// -- what is said beside the page: to screen readers, and where the server does not answer ----
const said = document.createElement("p");
said.className = "unseen";
said.setAttribute("aria-live", "polite");
const problem = document.createElement("p");
problem.className = "message error";
problem.setAttribute("role", "alert");
problem.hidden = true;
form().before(said, problem);

const fail = (text) => { problem.textContent = text; problem.hidden = !text; };

// What is pressed stays in its place until it is let go: else its click would be lost.
let released = Promise.resolve();
addEventListener("pointerdown", () => {
  released = new Promise((go) => {
    for (const end of ["pointerup", "pointercancel"])
      addEventListener(end, () => setTimeout(go), { once: true });
    setTimeout(go, 2000);
  });
});

// -- asking the server: one request at a time, so that no answer overtakes a later one ---------
const ask = (fields, part, put) => {
  clearTimeout(timer);
  const number = ++asked;
  const isLate = () => part === "result" && number < asked;
  running = running.then(async () => {
    if (isLate()) return;
    const now = fields();
    now.set("part", part);
    const text = await send(now);
    await released;
    if (text !== null && !isLate()) put(parsed(text));
  });
};

const send = async (fields) => {
  form().setAttribute("aria-busy", "true");
  try {
    const response = await fetch(form().action, {
      method: "POST", body: fields, cache: "no-store",
      headers: { Accept: "text/html;q=0.9, application/problem+json" } });
    const text = await response.text();
    if (response.headers.get("Content-Type")?.startsWith("text/html")) { fail(""); return text; }
    const told = JSON.parse(text);
    fail(`${[told.detail, told.cure].filter(Boolean).join(". ")}.`);
  } catch {
    fail("The server does not answer. What you wrote is kept; change something to try again.");
  } finally {
    form().removeAttribute("aria-busy");
  }
  return null;
};

const parsed = (text) => new DOMParser().parseFromString(text, "text/html").body.firstElementChild;

const facts = (button) => {
  const fields = new FormData(form());
  if (button?.value !== "file") fields.delete("file");
  if (button?.name) fields.append(button.name, button.value);
  return fields;
};

const kept = () => {
  const state = section().dataset.state;
  const { case: facts, ...settings } = JSON.parse(state);
  const keys = Object.keys(facts).filter((key) => key !== "id" && facts[key] !== "unknown");
  const empty = !keys.length && !Object.keys(settings).length;
  history.replaceState(null, "", empty ? location.pathname : `#${encodeURIComponent(state)}`);
  const wrong = form().querySelectorAll(".given .fault").length;
  const fields = wrong ? ` Something is wrong with ${wrong} field${wrong === 1 ? "" : "s"}.` : "";
  const answer = document.getElementById("answer").textContent + fields;
  if (said.textContent !== answer) said.textContent = answer;
};

const judge = () => ask(() => facts(), "result", (found) => {
  const place = document.getElementById("result");
  const touched = [...place.querySelectorAll("details[data-touched]")];
  const open = new Map(touched.map((one) => [named(one), one.open]));
  const held = place.contains(document.activeElement) ? document.activeElement : null;
  place.replaceChildren(found);
  mark();
  const same = held && [...place.querySelectorAll(held.tagName)].find((one) => alike(one, held));
  same?.focus({ preventScroll: true });
  for (const one of place.querySelectorAll("details"))
    if (open.has(named(one))) { one.open = open.get(named(one)); one.dataset.touched = ""; }
  kept();
});

const alike = (one, other) => one.textContent === other.textContent
  && one.getAttribute("aria-label") === other.getAttribute("aria-label");
const named = (details) => details.querySelector("summary").firstChild.textContent;

const swap = (fields, then) => ask(fields, "body", (found) => {
  form().replaceWith(found);
  kept();
  then?.();
});

const focus = (found) => {
  if (!found) return;
  if (!found.matches("input, select, textarea, button, [tabindex]")) found.tabIndex = -1;
  found.focus();
};

// -- what is wrong with fields: told beside each, as the page does without a script -------------
const SPOT = /^([a-z]+)\.(\d+)\.(.+)$/;

// The field of a name in the case, in which rows that name nothing do not count.
const fieldOf = (name) => {
  const [, list, number, part] = SPOT.exec(name) ?? [];
  if (!list) return document.getElementById(name);
  const rows = [...form().querySelectorAll(`[data-list="${list}"] > ul > li`)];
  const named = rows.filter((row) => row.querySelector("input[data-words]").value.trim());
  return named[number]?.querySelector(`[name$=".${part}"]`) ?? null;
};

const unmark = (place) => {
  for (const one of place.querySelectorAll(".fault")) one.remove();
  for (const one of place.querySelectorAll("[aria-describedby$=-fault]")) {
    const left = one.getAttribute("aria-describedby").split(" ").slice(0, -1).join(" ");
    if (left) one.setAttribute("aria-describedby", left);
    else one.removeAttribute("aria-describedby");
    one.removeAttribute("aria-invalid");
  }
};

const mark = () => {
  const held = document.activeElement?.closest(".fault") ? document.activeElement.value : null;
  unmark(form().querySelector(".given"));
  for (const one of section().querySelectorAll("template[data-for]")) {
    const field = fieldOf(one.dataset.for), told = one.content.firstElementChild;
    one.remove();
    if (!field) continue;
    told.id = `${field.id}-fault`;
    (field.closest(".field") ?? field).append(told);
    const hint = field.getAttribute("aria-describedby");
    field.setAttribute("aria-describedby", hint ? `${hint} ${told.id}` : told.id);
    if (field.matches("input, select, textarea")) field.setAttribute("aria-invalid", "true");
    const folded = field.closest("details");
    if (folded) folded.open = true;
  }
  if (held) [...form().querySelectorAll(".fault button")].find((one) => one.value === held)?.focus();
};

// What may have been meant, put into its field: that beside the button, or that of the case.
const putIn = (button) => {
  const [name, words] = JSON.parse(button.value);
  const field = button.closest(".field")?.querySelector("input") ?? fieldOf(name);
  if (!field) return;
  field.value = words;
  grow(field);
  field.focus();
  judge();
};

const lastOf = (list) =>
  form().querySelector(`[data-list="${list}"] > ul > li:last-child input`);

// -- events -----------------------------------------------------------------------------------
document.addEventListener("submit", (event) => {
  const button = event.submitter;
  if (event.target !== form() || button?.hasAttribute("data-carry")) return;
  event.preventDefault();
  const value = button?.name === "do" ? button.value : "";
  if (value.startsWith("more-")) { focus(lastOf(value.slice(5))); return; }
  if (value === "judge" || !button) { judge(); return; }
  if (button.name === "put") { putIn(button); return; }
  const list = /^remove-([a-z]+)/.exec(value)?.[1];
  const isProposal = value === "propose" || button.closest("#proposed") !== null;
  swap(() => facts(button), () => {
    if (list) focus(lastOf(list));
    else if (isProposal) focus(document.getElementById("proposed"));
    else if (value === "why") focus(document.getElementById("how"));
    else focus(document.querySelector("#patient .error, #patient .load ~ .message")
      ?? document.getElementById("verdicts"));
  });
});

document.addEventListener("click", (event) => {
  const summary = event.target.closest("summary");
  if (summary) summary.parentElement.dataset.touched = "";
  const field = event.target.closest("a[data-field]") && fieldOf(event.target.dataset.field);
  if (field) { event.preventDefault(); focus(field); }
});

const later = (wait) => { clearTimeout(timer); timer = setTimeout(judge, wait); };
const counts = (field) => !["sentence", "example", "file"].includes(field.name);

document.addEventListener("input", (event) => {
  const field = event.target;
  if (!form().contains(field) || !counts(field)) return;
  grow(field);
  later(field.dataset.words ? LONG : WAIT);
});
document.addEventListener("change", (event) => {
  if (form().contains(event.target) && counts(event.target)) later(0);
});

// -- one more empty row when the last is filled -----------------------------------------------
const grow = (field) => {
  const row = field.closest("li"), list = field.closest(LISTS);
  if (!row || !list || row !== list.querySelector("ul").lastElementChild || !field.value) return;
  const key = list.dataset.list, next = row.cloneNode(true);
  const number = list.querySelector("ul").children.length;
  const old = new RegExp(`^${key}\\.\\d+\\.`);
  for (const one of next.querySelectorAll("[name], [id], [for]")) {
    for (const name of ["name", "id", "for"])
      if (one.hasAttribute(name))
        one.setAttribute(name, one.getAttribute(name).replace(old, `${key}.${number}.`));
    if (one.matches("input")) { one.value = ""; one.removeAttribute("value"); closed(one); }
    if (one.matches("select")) one.value = one.name.endsWith("when") ? "at" : "";
  }
  unmark(next);
  for (const one of next.querySelectorAll("details")) one.open = false;
  for (const one of next.querySelectorAll("[role=listbox]")) one.remove();
  for (const one of next.querySelectorAll("label[for], summary > span"))
    one.textContent = one.textContent.replace(/ \d+$/, ` ${number + 1}`);
  row.after(next);
};

// -- suggestions: a combobox with a list (ARIA), over labels, synonyms and codes --------------
const plain = (text) => text.toLowerCase().normalize("NFD").replace(/\p{M}/gu, "");

const loaded = async () => {
  words ??= fetch(form().dataset.words).then((response) => response.json()).then((found) => {
    for (const list of Object.values(found))
      for (const entry of list) entry.plain = entry.map(plain);
    return found;
  });
  try { return await words; } catch { words = null; return {}; }
};

const begunOrNear = (word, part) => word.startsWith(part) || window.calcinosisNear?.(word, part);

const score = (name, typed, parts) => {
  if (name === typed) return 0;
  if (name.startsWith(typed)) return 1;
  const own = name.split(/[\s\-,()/:]+/);
  if (parts.every((part) => own.some((word) => word.startsWith(part)))) return 2;
  if (parts.every((part) => own.some((word) => begunOrNear(word, part)))) return 3;
  return typed.length > 2 && name.includes(typed) ? 4 : 9;
};

const matching = (entries, typed) => {
  const parts = typed.split(/\s+/).filter(Boolean), found = [];
  for (const entry of entries) {
    let best = 9, at = 0;
    entry.plain.forEach((name, n) => {
      const now = score(name, typed, parts) + (n ? .5 : 0);
      if (now < best) [best, at] = [now, n];
    });
    if (best < 9) found.push({ best, label: entry[0], by: at ? entry[at] : "" });
  }
  found.sort((a, b) => a.best - b.best || a.label.length - b.label.length);
  return found.slice(0, MOST);
};

const boxOf = (field) => document.getElementById(`${field.id}-list`);

const closed = (field) => {
  boxOf(field)?.remove();
  if (!field.hasAttribute("role")) return;
  field.setAttribute("aria-expanded", "false");
  field.removeAttribute("aria-activedescendant");
  field.removeAttribute("aria-controls");
};

const made = (field) => {
  field.removeAttribute("list");
  field.setAttribute("role", "combobox");
  field.setAttribute("aria-autocomplete", "list");
  field.setAttribute("aria-expanded", "false");
};

const shown = (field, found) => {
  closed(field);
  if (!found.length) return;
  const box = document.createElement("ul");
  box.id = `${field.id}-list`;
  box.className = "suggestions";
  box.setAttribute("role", "listbox");
  box.setAttribute("aria-label", "Suggestions");
  found.forEach(({ label, by }, n) => {
    const option = document.createElement("li");
    option.id = `${box.id}-${n}`;
    option.setAttribute("role", "option");
    option.setAttribute("aria-selected", "false");
    option.dataset.label = label;
    option.append(label);
    if (by) {
      const note = document.createElement("span");
      note.className = "note";
      note.textContent = ` \u00b7 ${by}`;
      option.append(note);
    }
    option.addEventListener("mousedown", (event) => { event.preventDefault(); take(field, label); });
    box.append(option);
  });
  field.after(box);
  field.setAttribute("aria-expanded", "true");
  field.setAttribute("aria-controls", box.id);
};

const take = (field, label) => {
  field.value = label;
  closed(field);
  grow(field);
  later(0);
};

const suggest = async (field) => {
  const typed = plain(field.value.trim());
  const found = await loaded();
  if (document.activeElement !== field || plain(field.value.trim()) !== typed) return;
  shown(field, typed ? matching(found[field.dataset.words] ?? [], typed) : []);
};

const move = (field, step) => {
  const options = [...boxOf(field).children];
  const now = options.findIndex((one) => one.getAttribute("aria-selected") === "true");
  const next = options[(now + step + options.length + (now < 0 && step < 0)) % options.length];
  for (const one of options) one.setAttribute("aria-selected", String(one === next));
  field.setAttribute("aria-activedescendant", next.id);
  next.scrollIntoView({ block: "nearest" });
};

const isWord = (field) => field instanceof HTMLInputElement && field.dataset.words !== undefined;

document.addEventListener("focusin", (event) => {
  if (isWord(event.target)) { made(event.target); loaded(); }
});
document.addEventListener("focusout", (event) => { if (isWord(event.target)) closed(event.target); });
document.addEventListener("input", (event) => { if (isWord(event.target)) suggest(event.target); });
document.addEventListener("keydown", (event) => {
  const field = event.target;
  if (!isWord(field)) return;
  const box = boxOf(field);
  if (event.key === "ArrowDown" && !box) { suggest(field); event.preventDefault(); return; }
  if (!box) return;
  const chosen = box.querySelector("[aria-selected=true]");
  if (event.key === "ArrowDown" || event.key === "ArrowUp") {
    move(field, event.key === "ArrowDown" ? 1 : -1);
    event.preventDefault();
  } else if (event.key === "Enter" && chosen) {
    take(field, chosen.dataset.label);
    event.preventDefault();
  } else if (event.key === "Escape") {
    closed(field);
    event.preventDefault();
  }
});

// -- the facts behind the # of the address ----------------------------------------------------
const restore = () => {
  let state = "";
  try { state = decodeURIComponent(location.hash.slice(1)); } catch { /* no state of ours */ }
  if (!state.startsWith("{")) return false;
  const fields = new FormData();
  fields.append("state", state);
  swap(() => fields);
  return true;
};
// A link within the page takes the place of the facts; they come back once it was followed.
addEventListener("hashchange", () => { if (!restore()) kept(); });
if (!restore() && section().dataset.state !== form().dataset.state) kept();
})();
