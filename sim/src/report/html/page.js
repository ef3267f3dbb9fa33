
"use strict";
// Steps through timelines. Without this script every step stands in the page as a list.
(() => {
  const element = (name, className, text) => {
    const made = document.createElement(name);
    made.className = className;
    if (text) made.textContent = text;
    return made;
  };
  const button = (className, text, label) => {
    const made = element("button", className, text);
    made.type = "button";
    if (label) made.setAttribute("aria-label", label);
    return made;
  };
  const TICKS_MAX = 60;

  const timeline = (root) => {
    const moments = [...root.querySelectorAll(".moment")];
    if (moments.length < 2) return;
    const list = root.querySelector(".moments");
    const name = (moment) => moment.querySelector(".step").textContent;
    const last = name(moments[moments.length - 1]).replace(/^\D+/, "");
    let at = 0;

    const bar = element("div", "bar");
    const back = button("move", "\u2039", "Previous step");
    const next = button("move", "\u203a", "Next step");
    const place = element("output", "place");
    place.setAttribute("aria-live", "polite");
    const whole = button("whole", "All steps");
    whole.setAttribute("aria-pressed", "false");
    const range = element("input", "range");
    range.type = "range";
    range.min = 0;
    range.max = moments.length - 1;
    range.value = 0;
    range.setAttribute("aria-label", "Step");
    const ticks = element("div", "ticks");
    ticks.setAttribute("aria-hidden", "true");
    if (moments.length <= TICKS_MAX) {
      moments.forEach((moment, number) => {
        const tick = button("tick " + moment.classList[1], "");
        tick.tabIndex = -1;
        const badge = moment.querySelector(".badge");
        tick.title = name(moment) + (badge ? ": " + badge.textContent.trim() : "");
        tick.addEventListener("click", () => show(number));
        ticks.append(tick);
      });
    }
    bar.append(back, next, place, moments.length <= TICKS_MAX ? ticks : range, whole);

    const show = (number) => {
      at = Math.max(0, Math.min(moments.length - 1, number));
      let pictured = -1;
      moments.forEach((moment, index) => {
        if (index <= at && moment.querySelector(".stand")) pictured = index;
      });
      moments.forEach((moment, index) => {
        moment.classList.toggle("current", index === at);
        moment.classList.toggle("pictured", index === pictured);
        if (ticks.children[index]) ticks.children[index].classList.toggle("current", index === at);
      });
      range.value = at;
      place.textContent = at === 0 ? "Start" : name(moments[at]) + " of " + last;
      back.disabled = at === 0;
      next.disabled = at === moments.length - 1;
      root.dataset.step = String(at);
    };
    back.addEventListener("click", () => show(at - 1));
    next.addEventListener("click", () => show(at + 1));
    range.addEventListener("input", () => show(Number(range.value)));
    whole.addEventListener("click", () => {
      const stepping = root.classList.toggle("stepping");
      whole.setAttribute("aria-pressed", String(!stepping));
      whole.textContent = stepping ? "All steps" : "Step by step";
    });
    const keys = {
      ArrowLeft: () => at - 1,
      ArrowRight: () => at + 1,
      Home: () => 0,
      End: () => moments.length - 1,
    };
    root.addEventListener("keydown", (event) => {
      const move = keys[event.key];
      const scrolls = event.target.classList.contains("card") && event.key.startsWith("Arrow")
        && event.target.scrollWidth > event.target.clientWidth;
      if (!move || scrolls || event.altKey || event.ctrlKey || event.metaKey || event.target === range) return;
      if (!root.classList.contains("stepping")) return;
      event.preventDefault();
      show(move());
    });
    root.tabIndex = 0;
    root.classList.add("stepping");
    list.before(bar);
    // a link to a step shows that step
    const linked = moments.findIndex((moment) => "#" + moment.id === location.hash);
    show(linked < 0 ? 0 : linked);
  };
  document.querySelectorAll(".timeline").forEach(timeline);

  // a closed detail is not on paper
  let opened = [];
  addEventListener("beforeprint", () => {
    opened = [...document.querySelectorAll("details:not([open])")];
    opened.forEach((one) => { one.open = true; });
  });
  addEventListener("afterprint", () => {
    opened.forEach((one) => { one.open = false; });
    opened = [];
  });

  // the contents say where the reader is
  const links = new Map([...document.querySelectorAll("nav a")].map((link) => [link.hash.slice(1), link]));
  if ("IntersectionObserver" in window) {
    const seen = new Set();
    const watch = new IntersectionObserver((entries) => {
      entries.forEach((entry) => seen[entry.isIntersecting ? "add" : "delete"](entry.target));
      const first = [...document.querySelectorAll("main > section")].find((one) => seen.has(one));
      links.forEach((link, id) => {
        if (first && id === first.id) link.setAttribute("aria-current", "location");
        else link.removeAttribute("aria-current");
      });
    }, { rootMargin: "-10% 0px -60% 0px" });
    document.querySelectorAll("main > section").forEach((one) => watch.observe(one));
  }
})();
