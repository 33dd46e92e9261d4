// Puts an explorer up: sliders, picture, handles, caption. All that they show is worked out in
// Python (pictures/explorer.py); here a hand's moves become messages, and answers become a page.
// `model` is anywidget's in a notebook, and a few lines around a worker on a web page (live.js):
// get("state"), send(message), on("msg:custom", hear), off(...), and perhaps link(at).

const NARROW = 600; // pixels, below which a picture's panels are stacked
const PATIENCE = 2500; // milliseconds, before a page says that nobody answers
const SVG = "http://www.w3.org/2000/svg";
let explorers = 0;

/** An element with attributes and children; `on...` listens. */
function make(tag, attributes = {}, ...children) {
  const space = ["svg", "g", "circle"].includes(tag) ? SVG : "http://www.w3.org/1999/xhtml";
  const made = document.createElementNS(space, tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) made.addEventListener(name.slice(2), value);
    else if (value !== undefined) made.setAttribute(name, value);
  }
  made.append(...children);
  return made;
}

/** The line to Python: one question on its way, and of those that wait, none that is stale. */
function line(model, heard, silent) {
  const name = `${++explorers}.${Math.random().toString(36).slice(2)}`;
  let asked = null, count = 0, timer = 0;
  const waiting = [];
  const next = () => {
    if (asked !== null || !waiting.length) return;
    asked = `${name}.${++count}`;
    model.send({ ...waiting.shift(), asked });
    timer = setTimeout(silent, PATIENCE);
  };
  const hear = (answer) => {
    if (answer.asked === asked) {
      asked = null;
      clearTimeout(timer);
    }
    heard(answer, waiting.length > 0);
    next();
  };
  model.on("msg:custom", hear);
  return {
    ask(message) {
      const last = waiting.at(-1);
      const goesOn = last && last.do === message.do && last.handle === message.handle;
      if (goesOn && message.do !== "tap") { // each click counts
        waiting.pop(); // a later place replaces an earlier one, and steps add up
        if (message.do === "move") {
          message = { ...message, values: { ...last.values, ...message.values } };
        }
        if (message.do === "nudge") {
          message = { ...message, across: last.across + message.across, up: last.up + message.up };
        }
      }
      waiting.push(message);
      next();
    },
    close() {
      clearTimeout(timer);
      model.off("msg:custom", hear);
    },
  };
}

/** A slider over numbers or options; it stands on whole places, so that no rounding adds up. */
function slider(spec, id, moved) {
  const options = spec.options;
  const digits = (number) => (String(number).split(".")[1] ?? "").length;
  const decimals = options ? 0 : Math.max(...[spec.min, spec.max, spec.step].map(digits));
  const last = options ? options.length - 1 : Math.ceil((spec.max - spec.min) / spec.step - 1e-9);
  const place = (raw) => (options ? raw : Math.round((raw - spec.min) / spec.step));
  const raw = (at) => (options ? at : +Math.min(spec.min + at * spec.step, spec.max).toFixed(10));
  const words = (value) => (options ? options[value] : value.toFixed(decimals));
  // Room for the longest word: else the slider would move under the hand as the word grows.
  const longest = options ? Math.max(...options.map((word) => word.length)) : 0;
  const style = options ? `--room: ${longest}ch` : undefined;
  const shown = make("output", { for: id, class: "nlp4-readout", style });
  const input = make("input", {
    id, type: "range", min: 0, max: last, step: 1,
    oninput: () => { tell(raw(+input.value)); moved(); },
  });
  let now = 0;
  const tell = (value) => {
    now = value;
    shown.textContent = words(value);
    input.setAttribute("aria-valuetext", words(value));
  };
  const put = (value) => { input.value = place(value); tell(value); };
  return { parts: [input, shown], put, raw: () => now };
}

function tick(spec, id, moved) {
  const input = make("input", { id, type: "checkbox", onchange: moved });
  return {
    parts: [input], put: (value) => { input.checked = value; }, raw: () => input.checked,
  };
}

function entry(spec, id, moved) {
  // JupyterLab's shortcuts are single letters: they are not meant where one writes.
  const input = make("input", {
    id, type: "text", autocomplete: "off", spellcheck: "false",
    "data-lm-suppress-shortcuts": "true", onchange: moved,
  });
  return { parts: [input], put: (value) => { input.value = value; }, raw: () => input.value };
}

function kept() {
  let now = null;
  return { parts: [], put: (value) => { now = value; }, raw: () => now };
}

const KINDS = { slider, choice: slider, tick, entry, kept };

/** What tells Python of a click on the picture: in which panel, and where in it. */
function tapping(picture, ask) {
  return ({ clientX, clientY }) => {
    const under = picture.getRootNode().elementsFromPoint(clientX, clientY);
    const group = under.find((each) => picture.contains(each))?.closest(".nlp4-panel");
    if (!group) return;
    const panel = [...picture.querySelectorAll(".nlp4-panel")].indexOf(group);
    const { x, y } = new DOMPoint(clientX, clientY).matrixTransform(group.getScreenCTM().inverse());
    ask({ do: "tap", panel, x, y });
  };
}

/** The things in the picture that can be taken hold of, on a sheet above it that stays. */
function handles(picture, ask, tap) {
  const sheet = make("svg", { class: "nlp4-handles" });
  const made = new Map();
  const offset = (panel) => {
    const group = picture.querySelectorAll(".nlp4-panel")[panel];
    const [, x, y] = /translate\(([-\d.]+) ([-\d.]+)\)/.exec(group?.getAttribute("transform")) ?? [0, 0, 0];
    return { x: +x, y: +y };
  };
  const add = (name) => {
    const grip = make("g", {
      class: `nlp4-handle nlp4-handle-${name}`, role: "slider", tabindex: 0,
    }, make("circle", { r: 20, class: "nlp4-reach" }), make("circle", { r: 10, class: "nlp4-ring" }));
    let gap = null, panel = 0, still = true;
    const under = (event) => {
      const matrix = sheet.getScreenCTM().inverse();
      return new DOMPoint(event.clientX, event.clientY).matrixTransform(matrix);
    };
    grip.addEventListener("pointerdown", (event) => {
      const point = under(event);
      gap = { x: grip.at.x - point.x, y: grip.at.y - point.y };
      panel = grip.at.panel;
      still = true;
      grip.setPointerCapture(event.pointerId);
      grip.focus({ preventScroll: true });
      event.preventDefault();
    });
    // Browsers heed `touch-action` on a whole picture only, and would scroll the page instead.
    grip.addEventListener("touchstart", (event) => event.preventDefault(), { passive: false });
    grip.addEventListener("pointermove", (event) => {
      if (!gap) return;
      still = false;
      const point = under(event), from = offset(panel);
      ask({ do: "drag", handle: name, x: point.x + gap.x - from.x, y: point.y + gap.y - from.y });
    });
    // Who clicks on a handle that lies over the picture means what is below it.
    grip.addEventListener("pointerup", (event) => { if (gap && still) tap(event); });
    for (const end of ["pointerup", "pointercancel"]) {
      grip.addEventListener(end, () => { gap = null; });
    }
    grip.addEventListener("keydown", (event) => {
      const step = { ArrowRight: [1, 0], ArrowLeft: [-1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] };
      if (!step[event.key]) return;
      const [across, up] = step[event.key].map((each) => each * (event.shiftKey ? 5 : 1));
      ask({ do: "nudge", handle: name, across, up });
      event.preventDefault();
    });
    made.set(name, grip);
    sheet.append(grip);
    return grip;
  };
  const show = (list) => {
    const box = picture.querySelector("svg")?.getAttribute("viewBox");
    if (box) sheet.setAttribute("viewBox", box);
    const names = new Set(list.map((each) => each.name));
    for (const [name, grip] of made) {
      if (!names.has(name)) { grip.remove(); made.delete(name); }
    }
    for (const each of list) {
      const grip = made.get(each.name) ?? add(each.name);
      const from = offset(each.panel);
      grip.at = { x: each.x + from.x, y: each.y + from.y, panel: each.panel };
      grip.setAttribute("transform", `translate(${grip.at.x} ${grip.at.y})`);
      grip.setAttribute("aria-label", each.label);
      grip.setAttribute("aria-valuetext", each.told);
      grip.setAttribute("aria-valuenow", each.now);
    }
  };
  return { sheet, show };
}

function save(blob, name) {
  const address = URL.createObjectURL(blob);
  make("a", { href: address, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(address), 1000);
}

/** The picture as pixels, twice as many as on the page. */
async function pixels(drawn) {
  const { width, height } = drawn.viewBox.baseVal;
  const image = new Image();
  const text = new XMLSerializer().serializeToString(drawn);
  image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(text)}`;
  await image.decode();
  const canvas = make("canvas", { width: 2 * width, height: 2 * height });
  canvas.getContext("2d").drawImage(image, 0, 0, 2 * width, 2 * height);
  return new Promise((done) => canvas.toBlob(done, "image/png"));
}

/** What one takes along: the picture as a file, and a line that brings the state back. */
function takeaway(model, name, drawn, at, note) {
  const copied = async (text) => {
    try {
      await navigator.clipboard.writeText(text);
      note(`copied: ${text}`);
    } catch { // no clipboard without a secure page
      note(text);
    }
  };
  const file = `nlp4-${name || "picture"}`;
  const button = (label, act) => make("button", { type: "button", onclick: act }, label);
  const svg = () => new Blob([new XMLSerializer().serializeToString(drawn())], { type: "image/svg+xml" });
  return [
    button("save SVG", () => save(svg(), `${file}.svg`)),
    button("save PNG", async () => save(await pixels(drawn()), `${file}.png`)),
    model.link
      ? button("copy link", () => copied(model.link(at())))
      : button("copy state", () => copied(`.at(${at()})`)),
  ];
}

/** Large, alone on the screen, with keys (also a presenter's) to step through prepared states. */
function lecture(el, titles, ask, title) {
  let page = -1;
  const turn = (by) => {
    if (!titles.length) return;
    page = Math.min(Math.max(page + by, 0), titles.length - 1);
    title.textContent = `${page + 1} of ${titles.length}: ${titles[page]}`;
    ask({ do: "lecture", page });
  };
  const keys = { PageDown: 1, n: 1, PageUp: -1, p: -1 };
  el.addEventListener("keydown", (event) => {
    if (event.key === "Escape") leave();
    if (!el.classList.contains("nlp4-lecture") || event.target.type === "text") return;
    if (!keys[event.key]) return;
    turn(keys[event.key]);
    event.preventDefault();
  });
  const leave = () => {
    el.classList.remove("nlp4-lecture");
    title.textContent = "";
    page = -1;
    if (document.fullscreenElement === el) document.exitFullscreen();
  };
  el.addEventListener("fullscreenchange", () => { if (!document.fullscreenElement) leave(); });
  return () => {
    if (el.classList.contains("nlp4-lecture")) return leave();
    el.classList.add("nlp4-lecture");
    el.tabIndex = -1;
    el.focus();
    turn(1);
    // Where a page may not fill the screen, the explorer still fills the page.
    el.requestFullscreen?.().catch(() => {});
  };
}

function render({ model, el }) {
  const state = model.get("state");
  const controls = {};
  let narrow = false, at = state.at;

  const picture = make("div", { class: "nlp4-picture" });
  const caption = make("p", { class: "nlp4-caption", "aria-live": "polite" });
  const note = make("p", { class: "nlp4-note", role: "status" });
  const title = make("p", { class: "nlp4-title" });
  const told = (text) => { note.textContent = text; };
  const wires = line(model, heard, () => {
    const first = el.classList.contains("nlp4-still");
    told(first ? "Still picture: it moves once Python answers. Run its cell." : "Python is busy, or has stopped.");
  });
  const ask = (message) => wires.ask({ ...message, narrow });
  const tap = state.taps ? tapping(picture, ask) : () => {};
  picture.addEventListener("click", tap);
  const { sheet, show } = handles(picture, ask, tap);

  function shown(next, keep) {
    at = next.at;
    picture.innerHTML = next.picture;
    caption.textContent = next.caption;
    show(next.handles);
    if (keep) return; // the hand has moved on: what it holds must not jump back
    for (const [name, value] of Object.entries(next.values)) controls[name].put(value);
  }
  function heard(answer, keep) {
    if (answer.failed) return told("This failed in Python: see the log, or reset.");
    el.classList.remove("nlp4-still");
    for (const input of form.querySelectorAll("input, button")) input.disabled = false;
    told("");
    shown(answer, keep);
  }
  // Only what the hand has moved: the others may have followed it, and the page not yet heard so.
  const moved = (name) => ask({ do: "move", values: { [name]: controls[name].raw() } });

  const form = make("div", { class: "nlp4-controls" });
  for (const spec of state.controls) {
    const id = `nlp4-${++explorers}-${spec.name}`;
    const control = (controls[spec.name] = KINDS[spec.kind](spec, id, () => moved(spec.name)));
    if (spec.kind === "kept") continue;
    const label = make("label", { for: id }, spec.label);
    const row = make("div", { class: `nlp4-control nlp4-control-${spec.name} nlp4-${spec.kind}` });
    row.append(label, ...control.parts);
    form.append(row);
  }
  const button = (label, act) => make("button", { type: "button", onclick: act }, label);
  const more = make("details", { class: "nlp4-more" }, make("summary", {}, "more"));
  const drawn = () => picture.querySelector("svg");
  more.append(
    ...takeaway(model, state.name, drawn, () => at, told),
    button("lecture", lecture(el, state.lecture, ask, title)),
  );
  form.append(make("div", { class: "nlp4-buttons" }, button("reset", () => ask({ do: "reset" })), more));

  el.classList.add("nlp4-explorer", "nlp4-still");
  if (state.name) el.classList.add(`nlp4-explorer-${state.name}`);
  el.replaceChildren(title, form, make("div", { class: "nlp4-stage" }, picture, sheet), caption, note);
  // JupyterLab would take arrow keys for its cells.
  const mine = (event) => event.stopPropagation();
  for (const type of ["keydown", "keyup"]) el.addEventListener(type, mine);

  shown(state, false);
  for (const input of form.querySelectorAll("input, button")) input.disabled = true;
  const fit = new ResizeObserver(([entry]) => {
    const now = entry.contentRect.width > 0 && entry.contentRect.width < NARROW;
    if (now !== narrow) {
      narrow = now;
      ask({ do: "hello" });
    }
  });
  fit.observe(el);
  ask({ do: "hello" });
  return () => { fit.disconnect(); wires.close(); };
}

export default { render };
