"use strict";
// The page is complete without this: it only filters, folds, and unfolds again for printing.
(() => {
  const form = document.querySelector(".filter");
  const text = document.getElementById("filter-text");
  const state = document.getElementById("filter-state");
  const fold = document.getElementById("fold");
  const boxes = [...form.querySelectorAll("input[type=checkbox]")];
  const findings = [...document.querySelectorAll(".finding")];
  const foldable = [...document.querySelectorAll("details.fold")];
  const MANY = 20;

  const setOpen = (open) => {
    for (const details of foldable) details.open = open;
    fold.textContent = open ? "Fold all" : "Unfold all";
  };

  const texts = new Map();
  const textOf = (finding) => {
    if (!texts.has(finding)) {
      const object = finding.parentElement.querySelector("h3").textContent;
      texts.set(finding, `${object} ${finding.textContent}`.toLowerCase());
    }
    return texts.get(finding);
  };

  const filter = () => {
    const words = text.value.toLowerCase().split(/\s+/).filter(Boolean);
    const severities = new Set(boxes.filter((box) => box.checked).map((box) => box.value));
    let shown = 0;
    for (const finding of findings) {
      const matches = words.length === 0 || words.every((word) => textOf(finding).includes(word));
      finding.hidden = !matches || !severities.has(finding.dataset.severity);
      shown += finding.hidden ? 0 : 1;
    }
    for (const object of document.querySelectorAll(".object")) {
      object.hidden = !object.querySelector(".finding:not([hidden])");
    }
    const active = words.length > 0 || severities.size < boxes.length;
    // Stays on the printed page, so that a part is never taken for the whole.
    state.textContent = active ? `Filtered: ${shown} of ${findings.length} findings shown` : "";
  };

  const reveal = () => {
    const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
    if (target && target.tagName === "DETAILS") target.open = true;
  };

  form.hidden = findings.length === 0;
  form.addEventListener("input", filter);
  form.addEventListener("submit", (event) => event.preventDefault());
  fold.addEventListener("click", () => setOpen(!foldable.some((details) => details.open)));
  addEventListener("hashchange", reveal);

  let folded = [];
  addEventListener("beforeprint", () => {
    folded = foldable.filter((details) => !details.open);
    for (const details of folded) details.open = true;
  });
  addEventListener("afterprint", () => {
    for (const details of folded) details.open = false;
  });

  if (findings.length > MANY) setOpen(false);
  filter();
  reveal();
})();
