"use strict";
// The page is complete without this: it only filters, sorts, groups, folds, and saves what is shown.
(() => {
  const get = (id) => document.getElementById(id);
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];
  const form = document.querySelector(".filter");
  const findings = all(".finding");
  const home = get("findings");
  const counted = all(".finding", home);
  const homes = new Map(counted.map((finding) => [finding, finding.parentElement]));
  const places = new Map(findings.map((finding, place) => [finding, place]));
  const groups = all(".group", home);
  const regrouped = get("regrouped");
  const boxes = all("input[type=checkbox]", form);
  const RANKS = boxes.map((box) => box.value);

  const objectOf = (finding) => finding.querySelector(".object").textContent.trim();
  const texts = new Map();
  const textOf = (finding) => {
    if (!texts.has(finding)) {
      const { policy, owner } = finding.dataset;
      texts.set(finding, `${policy} ${owner} ${finding.textContent}`.toLowerCase());
    }
    return texts.get(finding);
  };

  const filter = () => {
    const words = get("filter-text").value.toLowerCase().split(/\s+/).filter(Boolean);
    const severities = new Set(boxes.filter((box) => box.checked).map((box) => box.value));
    let shown = 0;
    for (const finding of findings) {
      const matches = severities.has(finding.dataset.severity) && words.every((word) => textOf(finding).includes(word));
      if (finding.hidden === matches) finding.hidden = !matches;
      shown += matches ? 1 : 0;
    }
    const active = words.length > 0 || severities.size < boxes.length;
    for (const list of all(".list")) {
      list.parentElement.hidden = list.children.length > 0 && !list.querySelector(".finding:not([hidden])");
    }
    // Stays on the printed page, so that a part is never taken for the whole.
    const what = [words.length ? `text "${words.join(" ")}"` : "", severities.size < boxes.length ? `severity ${[...severities].join(", ") || "none"}` : ""];
    get("filter-state").hidden = !active;
    get("filter-state").textContent = active ? `Filtered by ${what.filter(Boolean).join("; ")}: ${shown} of ${findings.length} findings shown` : "";
  };

  const ORDERS = {
    severity: (a, b) => RANKS.indexOf(a.dataset.severity) - RANKS.indexOf(b.dataset.severity),
    object: (a, b) => (objectOf(a) < objectOf(b) ? -1 : objectOf(a) > objectOf(b) ? 1 : 0),
    seen: (a, b) => (a.dataset.seen < b.dataset.seen ? -1 : a.dataset.seen > b.dataset.seen ? 1 : 0),
  };
  const sorted = (list) => {
    const order = ORDERS[get("sort").value];
    return [...list].sort((a, b) => order(a, b) || places.get(a) - places.get(b));
  };

  const KEYS = {
    namespace: (finding) => finding.dataset.namespace || "(cluster-wide)",
    owner: (finding) => finding.dataset.owner || "(no owner)",
    object: objectOf,
  };
  const section = (title, list) => {
    const box = document.createElement("section");
    box.className = "group";
    const heading = document.createElement("h3");
    heading.textContent = `${title} `;
    const count = document.createElement("span");
    count.className = "count";
    count.textContent = String(list.length);
    heading.append(count);
    const rows = document.createElement("div");
    rows.className = "list";
    rows.append(...list);
    box.append(heading, rows);
    return box;
  };
  const arrange = () => {
    const key = KEYS[get("group").value];
    const byHome = new Map(groups.map((group) => [group.querySelector(".list"), []]));
    for (const finding of sorted(counted)) byHome.get(homes.get(finding)).push(finding);
    if (key) {
      const found = new Map();
      for (const finding of sorted(counted)) {
        const name = key(finding);
        if (!found.has(name)) found.set(name, []);
        found.get(name).push(finding);
      }
      const worst = (list) => Math.min(...list.map((finding) => RANKS.indexOf(finding.dataset.severity)));
      const entries = [...found].sort((a, b) => worst(a[1]) - worst(b[1]) || b[1].length - a[1].length);
      const note = document.createElement("h3");
      note.textContent = "What the policies say";
      regrouped.replaceChildren(...entries.map(([name, list]) => section(name, list)), note);
    } else {
      for (const [list, own] of byHome) list.append(...own);
      regrouped.replaceChildren();
    }
    regrouped.hidden = !key;
    for (const group of groups) group.querySelector(".list").hidden = Boolean(key);
    for (const list of all(".findings .list")) {
      if (!home.contains(list)) list.append(...sorted(list.children));
    }
    filter();
  };

  const cell = (text) => {
    const safe = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
    return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
  };
  const fact = (finding, name) => {
    const term = all("dt", finding).find((one) => one.textContent === name);
    return term ? term.nextElementSibling.textContent.trim() : "";
  };
  const save = () => {
    const rows = [["fingerprint", "policy", "severity", "status", "object", "namespace", "owner", "where", "message", "first_seen"]];
    for (const finding of all(".finding:not([hidden])")) {
      const { policy, severity, status, namespace, owner, seen } = finding.dataset;
      const message = finding.querySelector(".message").textContent;
      rows.push([finding.id.slice("finding-".length), policy, severity, status, objectOf(finding), namespace, owner, fact(finding, "Where"), message, seen]);
    }
    const text = rows.map((row) => row.map(cell).join(",")).join("\r\n");
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([text, "\r\n"], { type: "text/csv;charset=utf-8" }));
    link.download = "findings.csv";
    link.click();
    URL.revokeObjectURL(link.href);
  };

  const setOpen = (open) => {
    for (const finding of findings) finding.open = open;
    get("fold").textContent = open ? "Fold all" : "Unfold all";
  };

  const reveal = () => {
    const target = get(location.hash.slice(1));
    if (!target) return;
    if (target.closest("[hidden]")) {
      get("filter-text").value = "";
      for (const box of boxes) box.checked = true;
      filter();
    }
    for (let one = target; one; one = one.parentElement) if (one.tagName === "DETAILS") one.open = true;
    target.scrollIntoView();
  };

  form.hidden = findings.length === 0;
  form.addEventListener("input", (event) => (event.target.tagName === "SELECT" ? arrange() : filter()));
  form.addEventListener("submit", (event) => event.preventDefault());
  get("fold").addEventListener("click", () => setOpen(!findings.some((finding) => finding.open)));
  get("export").addEventListener("click", save);
  addEventListener("hashchange", reveal);
  get("fold").textContent = findings.some((finding) => finding.open) ? "Fold all" : "Unfold all";

  // Browsers that cannot print what is folded by style alone.
  if (!CSS.supports("selector(::details-content)")) {
    let folded = [];
    addEventListener("beforeprint", () => {
      folded = all("details:not([open])");
      for (const details of folded) details.open = true;
    });
    addEventListener("afterprint", () => {
      for (const details of folded) details.open = false;
    });
  }
  if (location.hash) reveal();
})();
