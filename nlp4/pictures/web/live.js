// Turns a page's still pictures into live explorers. Python runs in a worker (worker.js); an
// explorer that can be seen comes first, and one that has more to load when it comes near.
import explorer from "./explorer.js";

const NARROW = 600; // pixels, as in explorer.js
const base = new URL("./", import.meta.url).href;
const figures = new Map(); // those that are to become live, by the explorer's name
const models = new Map(); // those that are live
const near = new Set();
let worker, settings, making = null, ready = false;

const narrow = (figure) => figure.clientWidth < NARROW;

/** What explorer.js takes for a widget's model. */
function model(name, state, figure) {
  const heard = new Set();
  return {
    heard,
    get: () => state,
    // explorer.js learns a moment later how wide it stands; the picture must not jump meanwhile
    send: (message) => worker.postMessage({ name, message: { ...message, narrow: narrow(figure) } }),
    on: (event, callback) => heard.add(callback),
    off: (event, callback) => heard.delete(callback),
    link: (at) => `${location.href.split("#")[0]}#${name}:${encodeURIComponent(at)}`,
  };
}

/** The state that a link asks of an explorer, as arguments of Python's `Explorer.at`. */
function linked(name) {
  const [whose, at] = location.hash.slice(1).split(":");
  return whose === name && at ? decodeURIComponent(at) : "";
}

/** A line in the room that a figure keeps for its controls. */
function say(words, names = [...figures.keys()]) {
  for (const name of names) {
    const figure = figures.get(name);
    let line = figure.querySelector(".nlp4-loading");
    if (!line) {
      line = Object.assign(document.createElement("p"), { className: "nlp4-loading" });
      line.setAttribute("role", "status");
      figure.prepend(line);
    }
    line.textContent = words;
  }
}

/** Say why pictures stay still: the room for their controls is not needed any more. */
function stay(words, names = [...figures.keys()]) {
  say(words, names);
  for (const name of names) figures.get(name).classList.add("nlp4-failed");
}

/** Ask for the next explorer: one that is near, or else the first that needs nothing more. */
function next() {
  if (!ready || making) return;
  const names = [...figures.keys()];
  making = names.find((name) => near.has(name)) ??
    names.find((name) => !settings.packages[name].length && !settings.given[name]) ?? null;
  if (!making) return;
  const figure = figures.get(making);
  worker.postMessage({ make: making, narrow: narrow(figure), at: linked(making) });
}

function show(name, state) {
  const figure = figures.get(name), box = document.createElement("div");
  figures.delete(name);
  models.set(name, model(name, state, figure));
  figure.classList.replace("nlp4-still", "nlp4-live");
  figure.replaceChildren(box);
  explorer.render({ model: models.get(name), el: box });
  if (linked(name)) figure.scrollIntoView({ block: "center" });
}

function failed(error, name, asked) {
  if (models.has(name)) {
    for (const callback of models.get(name).heard) callback({ failed: true, asked });
  } else if (figures.has(name)) {
    stay(error, [name]);
    figures.delete(name);
  } else {
    stay(error);
  }
}

function hear({ data: { percent, state, reply, error, name, asked, ...rest } }) {
  if (percent !== undefined) say(`loading Python: ${percent}%`);
  if (error) failed(error, name, asked);
  else if (state) show(name, state);
  else if (reply) for (const callback of models.get(name).heard) callback(reply);
  ready ||= rest.ready;
  if (name === making) making = null;
  next();
}

async function start() {
  say("loading Python: 0%");
  settings = await (await fetch(`${base}live.json`)).json();
  worker = new Worker(`${base}worker.js`, { type: "module" });
  worker.onmessage = hear;
  worker.onerror = () => stay("Python did not start: reload the page.");
  worker.postMessage({ settings, base });
}

const watch = new IntersectionObserver((entries) => {
  for (const { target, isIntersecting } of entries) {
    near[isIntersecting ? "add" : "delete"](target.dataset.explorer);
  }
  next();
}, { rootMargin: "50%" });

for (const figure of document.querySelectorAll("figure[data-live]")) {
  figures.set(figure.dataset.explorer, figure);
  watch.observe(figure);
}
if (!("WebAssembly" in window)) {
  stay("This browser has no WebAssembly, so the picture stays still: a newer one moves it.");
} else if (figures.size) {
  start().catch(() => stay("Python could not be loaded: reload the page."));
}
