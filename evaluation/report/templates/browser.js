"use strict";
// The filters of the error browser. Without this script the page shows every article and no filters.
const form = document.getElementById("filters");
const found = document.getElementById("found");
const articles = [...document.querySelectorAll("article[data-errors]")].map((element) => ({
  element,
  slices: JSON.parse(element.dataset.slices),
  errors: [...element.querySelectorAll("li[data-kind]")].map((line) => ({
    line,
    label: line.dataset.label,
    kind: line.dataset.kind,
    scores: JSON.parse(line.dataset.scores),
    slices: JSON.parse(line.dataset.slices),
  })),
  details: element.querySelector("details"),
}));

function matches(error, wanted) {
  return (!wanted.label || error.label === wanted.label) && (!wanted.kind || error.kind === wanted.kind)
    && (!wanted.scored || error.scores.some((score) => score >= wanted.low && score <= wanted.high));
}

// An empty field sets no limit.
function number(field, otherwise) {
  return Number(field.value === "" ? otherwise : field.value);
}

function filter() {
  const { label, kind, slice, low, high } = form.elements;
  const wanted = { label: label.value, kind: kind.value, low: number(low, low.min), high: number(high, high.max) };
  // Missed spans have no score. They are hidden only if a range of scores is set.
  wanted.scored = wanted.low > Number(low.min) || wanted.high < Number(high.max);
  const narrowed = Boolean(wanted.label || wanted.kind || wanted.scored);
  let shown = 0;
  let errors = 0;
  for (const article of articles) {
    const whole = !slice.value || article.slices.includes(Number(slice.value));
    let matching = 0;
    for (const error of article.errors) {
      const fits = matches(error, wanted) && (whole || error.slices.includes(Number(slice.value)));
      error.line.hidden = !fits;
      matching += fits;
    }
    const fits = matching > 0 || (whole && !narrowed);
    article.element.hidden = !fits;
    if (article.details) article.details.open = narrowed || Boolean(slice.value);
    shown += fits;
    errors += matching;
  }
  found.textContent = `${shown} of ${articles.length} articles shown, with ${errors} ${errors === 1 ? "error" : "errors"}`
    + (narrowed || slice.value ? " that match" : "");
}

if (form) {
  form.hidden = false;
  form.addEventListener("input", filter);
  form.addEventListener("change", filter); // assistive software may fire only this event
  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("reset", () => setTimeout(filter));
  filter();
}
addEventListener("beforeprint", () => {
  for (const { details } of articles) if (details) details.open = true;
});
