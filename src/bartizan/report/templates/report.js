"use strict";
(() => {
  const form = document.getElementById("filter");
  const findings = Array.from(document.querySelectorAll(".finding"));
  if (findings.length > 1) form.hidden = false;
  const words = document.getElementById("words");
  const shown = document.getElementById("shown");
  const texts = new Map();
  const textOf = (finding) => {
    if (!texts.has(finding)) texts.set(finding, finding.textContent.toLowerCase());
    return texts.get(finding);
  };
  const apply = () => {
    const wanted = words.value.toLowerCase().split(/\s+/).filter(Boolean);
    const severities = new Set(Array.from(form.querySelectorAll(":checked"), (box) => box.value));
    let count = 0;
    for (const finding of findings) {
      const fits = severities.has(finding.dataset.severity) && wanted.every((word) => textOf(finding).includes(word));
      finding.hidden = !fits;
      if (fits) count += 1;
    }
    shown.textContent = count === findings.length ? "" : `${count} of ${findings.length}`;
  };
  let waiting = 0;
  form.addEventListener("input", () => { clearTimeout(waiting); waiting = setTimeout(apply, 120); });
  form.addEventListener("submit", (event) => event.preventDefault());
  const open = () => {
    const target = location.hash && document.getElementById(location.hash.slice(1));
    if (target && target.tagName === "DETAILS") { target.hidden = false; target.open = true; target.scrollIntoView(); }
  };
  addEventListener("hashchange", open);
  open();
  let opened = [];
  addEventListener("beforeprint", () => {
    opened = Array.from(document.querySelectorAll("details:not([open])"));
    for (const each of opened) each.open = true;
  });
  addEventListener("afterprint", () => { for (const each of opened) each.open = false; });
})();
