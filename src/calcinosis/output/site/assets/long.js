// A long answer is laid out in part, so that what stands below it is reached: all of it is in the
// page, and on paper. Without this script it stands there whole.
"use strict";
window.calcinosisLong = (place) => {
  const MOST = 60, FEW = 20;
  for (const table of place.querySelectorAll("table.answer")) {
    const rest = [...table.tBodies[0].rows].slice(MOST);
    if (rest.length < FEW) continue;
    for (const row of rest) row.classList.add("later");
    const more = document.createElement("p"), button = document.createElement("button");
    button.type = "button";
    button.textContent = `Show the other ${rest.length} rows`;
    button.addEventListener("click", () => {
      for (const row of rest) row.classList.remove("later");
      more.remove();
      const first = rest[0].querySelector("a") ?? rest[0];
      if (first === rest[0]) first.tabIndex = -1;
      first.focus();
    });
    more.className = "screen";
    more.append(button);
    table.after(more);
  }
};
window.calcinosisLong(document);
// A part that is folded opens for who follows a link to it.
const calcinosisOpened = () => {
  const part = document.getElementById(decodeURIComponent(location.hash.slice(1)));
  if (!part?.matches("main details")) return;
  part.open = true;
  part.scrollIntoView();
};
addEventListener("hashchange", calcinosisOpened);
calcinosisOpened();
