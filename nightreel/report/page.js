
"use strict";
(() => {
  const one = (selector, within = document) => within.querySelector(selector);
  const all = (selector, within = document) => [...within.querySelectorAll(selector)];
  const data = JSON.parse(one("#data").textContent);
  const clips = all(".clip");
  const cards = all(".card");
  const videoOf = (card) => data.videos[Number(card.dataset.place)];
  const mostSaved = 2000;

  // Covers come when they are near: a night may have thousands.
  const near = new IntersectionObserver((seen) => {
    for (const { target, isIntersecting } of seen) {
      if (!isIntersecting) continue;
      const video = one("video", target);
      if (video.dataset.poster) {
        video.poster = video.dataset.poster;
        delete video.dataset.poster;
      }
      near.unobserve(target);
    }
  }, { rootMargin: "800px" });
  cards.forEach((card) => near.observe(card));

  // One video plays at a time.
  document.addEventListener("play", (event) => {
    all("video").forEach((video) => { if (video !== event.target && !video.paused) video.pause(); });
  }, true);

  // The checks that hold are written when somebody opens them.
  const cell = (kind, text, row) => {
    const made = document.createElement(kind);
    made.textContent = text;
    row.append(made);
    return made;
  };
  const tableOf = (checks) => {
    const table = document.createElement("table");
    const head = table.createTHead().insertRow();
    ["Check", "Found", "Wanted"].forEach((text) => { cell("th", text, head).scope = "col"; });
    const body = table.createTBody();
    for (const [name, ok, found, wanted] of checks) {
      const row = body.insertRow();
      row.className = ok ? "ok" : "no";
      const first = cell("th", (ok ? "✓ " : "✗ ") + data.words[name], row);
      first.scope = "row";
      cell("td", data.words[found], row);
      cell("td", data.words[wanted], row);
    }
    return table;
  };
  document.addEventListener("toggle", (event) => {
    const details = event.target;
    if (!details.open || !details.matches(".checks[data-place]") || one("table", details)) return;
    const checks = data.videos[Number(details.dataset.place)].checks;
    const hold = checks.filter(([, ok]) => ok);
    if (hold.length) details.append(tableOf(hold));
  }, true);

  // ---------------------------------------------------------------- search and filters
  const bar = one("#bar");
  const search = one("#search");
  const format = one("#format");
  let kind = "";
  const texts = new Map();
  const textOf = (clip) => {
    if (!texts.has(clip)) texts.set(clip, clip.textContent.toLowerCase());
    return texts.get(clip);
  };
  const fits = (clip, words) =>
    (!kind || clip.dataset.kinds.split(" ").includes(kind) || (kind === "undecided" && clip.dataset.verdict === "")) &&
    (!format || !format.value || clip.dataset.format === format.value) &&
    words.every((word) => textOf(clip).includes(word));
  const show = () => {
    const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
    let count = 0;
    for (const clip of clips) {
      const fit = fits(clip, words);
      clip.hidden = !fit;
      count += fit;
    }
    all("[data-list]").forEach((list) => { list.hidden = !one(".clip:not([hidden])", list); });
    one("#none").hidden = count > 0;
  };
  if (bar) {
    bar.hidden = false;
    search.addEventListener("input", show);
    if (format) format.addEventListener("change", show);
    one("#kinds").addEventListener("click", (event) => {
      const button = event.target.closest("button");
      if (!button) return;
      kind = button.dataset.kind;
      all("button", one("#kinds")).forEach((other) => other.setAttribute("aria-pressed", String(other === button)));
      show();
    });
  }

  // ---------------------------------------------------------------- review
  const desk = one("#desk");
  if (!desk) return;
  const place = "nightreel review " + data.run;
  const read = () => { try { return JSON.parse(localStorage.getItem(place)) || {}; } catch { return {}; } };
  const decided = read();
  const idOf = (card) => { const video = videoOf(card); return video.key + " " + video.sha256; };
  const keep = () => { try { localStorage.setItem(place, JSON.stringify(decided)); } catch { say("This browser keeps nothing: save before you leave."); } };
  const say = (text) => { one("#said").textContent = text; };
  const past = { approve: "approved", change: "change", reject: "rejected" };
  let reviewing = false;
  let current = null;

  const panelOf = (card) => {
    let panel = one(".verdict", card);
    if (panel) return panel;
    one(".line", card).after(one("#verdict").content.cloneNode(true));
    panel = one(".verdict", card);
    panel.addEventListener("click", (event) => {
      const button = event.target.closest("button");
      if (button) decide(card, button.dataset.verdict);
    });
    one("textarea", panel).addEventListener("input", (event) => {
      decided[idOf(card)] = { verdict: "change", text: event.target.value.slice(0, mostSaved) };
      keep();
      count();
    });
    return panel;
  };
  const paint = (card, near = reviewing) => {
    const found = decided[idOf(card)];
    card.dataset.verdict = found ? found.verdict : "";
    if (!near && !one(".verdict", card)) return;
    const panel = panelOf(card);
    all("button", panel).forEach((button) => button.setAttribute("aria-pressed", String(Boolean(found) && button.dataset.verdict === found.verdict)));
    const label = one("label", panel);
    label.hidden = !found || found.verdict !== "change";
    if (!label.hidden && document.activeElement !== one("textarea", label)) one("textarea", label).value = found.text;
  };
  const whole = (found) => found && (found.verdict !== "change" || found.text.trim());
  const count = () => { one("#done").textContent = cards.filter((card) => whole(decided[idOf(card)])).length; };
  const decide = (card, verdict) => {
    const before = decided[idOf(card)];
    decided[idOf(card)] = { verdict, text: before ? before.text : "" };
    keep();
    paint(card);
    count();
    say(one("h3", card).textContent + ": " + past[verdict] + ". " + one("#done").textContent + " decided.");
    if (verdict === "change") one("textarea", card).focus();
  };
  const undo = (card) => {
    delete decided[idOf(card)];
    keep();
    paint(card);
    count();
    say(one("h3", card).textContent + ": undecided.");
  };

  // Buttons are made for the cards that are near, when a review begins.
  const panels = new IntersectionObserver((seen) => {
    for (const { target, isIntersecting } of seen) if (isIntersecting && reviewing) paint(target);
  }, { rootMargin: "800px" });
  cards.forEach((card) => paint(card));
  count();

  const mark = (card) => {
    if (current) current.removeAttribute("aria-current");
    current = card;
    card.setAttribute("aria-current", "true");
    paint(card);
  };
  const go = (card) => {
    if (!card) return;
    mark(card);
    card.focus({ preventScroll: true });
    card.scrollIntoView({ block: "start" });
  };
  const step = (by) => {
    const open = cards.filter((card) => !card.hidden);
    const at = open.indexOf(current);
    go(open[at < 0 ? 0 : Math.min(open.length - 1, Math.max(0, at + by))]);
  };
  const review = (on) => {
    reviewing = on;
    document.body.classList.toggle("reviewing", on);
    desk.hidden = !on;
    one("#review").setAttribute("aria-pressed", String(on));
    cards.forEach((card) => (on ? panels.observe(card) : panels.unobserve(card)));
    if (on && !current) step(0);
  };
  one("#review").addEventListener("click", () => review(!reviewing));
  one("#rest").addEventListener("click", () => {
    for (const card of cards) {
      if (card.hidden || decided[idOf(card)]) continue;
      decided[idOf(card)] = { verdict: "approve", text: "" };
      paint(card, false);
    }
    keep();
    count();
    say("All that are shown and were undecided are approved.");
  });
  one("#reel").addEventListener("focusin", (event) => {
    const card = event.target.closest(".card");
    if (reviewing && card) mark(card);
  });

  const play = (card) => {
    const video = one("video", card);
    if (video.paused) video.play().catch(() => {}); else video.pause();
  };
  const keys = {
    j: () => step(1),
    k: () => step(-1),
    a: () => { decide(current, "approve"); step(1); },
    r: () => { decide(current, "reject"); step(1); },
    c: () => decide(current, "change"),
    u: () => undo(current),
    " ": () => play(current),
  };
  document.addEventListener("keydown", (event) => {
    if (!(event.target instanceof Element)) return;
    if (event.target.matches("textarea") && event.key === "Escape" && current) return current.focus();
    if (event.ctrlKey || event.metaKey || event.altKey || event.target.matches("input, textarea, select, summary")) return;
    if (event.key === "/" && search) { event.preventDefault(); return search.focus(); }
    if (event.key === " " && event.target.matches("button, a, video")) return;
    if (!reviewing || !(event.key in keys) || (!current && !"jk".includes(event.key))) return;
    event.preventDefault();
    keys[event.key]();
  });

  one("#save").addEventListener("click", () => {
    const decisions = [];
    for (const card of cards) {
      const found = decided[idOf(card)];
      const { product, format: shape, key, sha256 } = videoOf(card);
      if (whole(found)) decisions.push({ product, format: shape, key, sha256, verdict: found.verdict, text: found.verdict === "change" ? found.text.trim() : "" });
    }
    const file = { nightreel_review: 1, run_id: data.run, decisions };
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([JSON.stringify(file, null, 2)], { type: "application/json" }));
    link.download = "review.json";
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 60000);
    say(decisions.length + " decisions saved. Apply them: nightreel review apply review.json");
  });
})();
