"use strict";
// Steps through the findings of the page, each by itself. Without this script all steps stand below each other.
(() => {
  const findings = [...document.querySelectorAll("article.finding")];
  const runs = new Map(findings.filter((f) => f.querySelector(".sequence")).map((f) => [f, stepped(f)]));
  let active = findings.find((f) => runs.has(f));

  function stepped(finding) {
    const rows = [...finding.querySelectorAll("tr[data-step]")];
    const states = [...finding.querySelectorAll(".state")];
    const told = finding.querySelector("output");
    const shown = () => rows.filter((row) => !row.hidden);
    const current = () => rows.find((row) => row.hasAttribute("aria-current"));

    function go(row) {
      if (!row) return;
      for (const other of rows) other.removeAttribute("aria-current");
      row.setAttribute("aria-current", "step");
      for (const state of states) state.hidden = state.dataset.state !== row.dataset.step;
      const last = rows[rows.length - 1].dataset.step;
      told.textContent = row.dataset.step === "0" ? "at the start" : `step ${row.dataset.step} of ${last}`;
      row.scrollIntoView({ block: "nearest" });
    }
    function move(where) {
      const now = shown(), at = now.indexOf(current());
      go({ first: now[0], last: now[now.length - 1], back: now[Math.max(at - 1, 0)],
           on: now[Math.min(at + 1, now.length - 1)] }[where]);
    }
    function filter(about) {
      for (const row of rows) {
        const of = JSON.parse(row.dataset.about);
        row.hidden = about !== "" && of.length > 0 && !of.includes(about);
      }
      for (const panel of finding.querySelectorAll(".panel"))
        panel.hidden = about !== "" && panel.dataset.about !== "" && panel.dataset.about !== about;
      if (current().hidden) go(shown()[0]);
    }
    function unfold(button) {
      const open = button.getAttribute("aria-pressed") !== "true";
      button.setAttribute("aria-pressed", String(open));
      for (const part of finding.querySelectorAll("details")) part.open = open;
    }
    function save() {
      const text = finding.querySelector("script.trace").textContent;
      const link = document.createElement("a");
      link.href = URL.createObjectURL(new Blob([text + "\n"], { type: "application/json" }));
      link.download = "trace.json";
      link.click();
      setTimeout(() => URL.revokeObjectURL(link.href), 1000);
    }

    finding.querySelector(".tools").hidden = false;
    finding.addEventListener("click", (event) => {
      active = finding;
      const button = event.target.closest("button");
      if (!button) return;
      if (button.dataset.go) move(button.dataset.go);
      else if ("unfold" in button.dataset) unfold(button);
      else if ("save" in button.dataset) save();
      else go(button.closest("tr"));
    });
    finding.addEventListener("focusin", () => { active = finding; });
    const select = finding.querySelector("select[data-filter]");
    if (select) select.addEventListener("change", () => filter(select.value));
    go(rows[rows.length - 1]);
    return { move, current, states, go };
  }

  function other(by) {
    const next = findings[findings.indexOf(active) + by];
    if (!next) return;
    active = next;
    next.focus();
    next.scrollIntoView({ block: "start" });
  }
  const KEYS = { ArrowRight: "on", ArrowDown: "on", ArrowLeft: "back", ArrowUp: "back", Home: "first", End: "last" };
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest("select, input, textarea")) return;
    if (findings.length > 1 && (event.key === "n" || event.key === "p")) other(event.key === "n" ? 1 : -1);
    else if (event.key in KEYS && runs.has(active)) runs.get(active).move(KEYS[event.key]);
    else return;
    event.preventDefault();
  });
  // On paper every state is there, and every step unfolded.
  let folded = [];
  addEventListener("beforeprint", () => {
    folded = [...document.querySelectorAll("details:not([open])")];
    for (const part of folded) part.open = true;
    for (const run of runs.values()) for (const state of run.states) state.hidden = false;
  });
  addEventListener("afterprint", () => {
    for (const part of folded) part.open = false;
    for (const run of runs.values()) run.go(run.current());
  });
  for (const keys of document.querySelectorAll(".keys")) keys.hidden = runs.size === 0;
  scrollTo(0, 0);
})();
