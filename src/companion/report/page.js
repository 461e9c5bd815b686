"use strict";
const filter = document.getElementById("filter");
const claims = [...document.querySelectorAll(".claim")];

// Claims that hold every word of the filter stay.
function apply() {
  const words = filter.value.toLowerCase().split(/\s+/);
  for (const claim of claims) {
    const text = claim.textContent.toLowerCase();
    claim.hidden = !words.every(word => text.includes(word));
  }
  const left = claims.filter(claim => !claim.hidden).length;
  document.getElementById("found").textContent = `${left} of ${claims.length}`;
}

// What a link leads to is seen: a claim that the filter hides, the rows of a table.
function reveal() {
  const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
  if (!target) return;
  if (target.hidden) {
    filter.value = "";
    apply();
  }
  const rows = target.querySelector(":scope > .rows");
  if (rows) rows.open = true;
  target.scrollIntoView();
}

filter.addEventListener("input", apply);
window.addEventListener("hashchange", reveal);
apply();
reveal();
