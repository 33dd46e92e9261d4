// Python for a page's explorers. Messages are answered one after the other, in their order:
//   {settings, base}       load Python                       -> {percent} as it goes, {ready}
//   {make, narrow, at}     build the explorer of that name   -> {name, state}
//   {name, message}        what a hand did to its controls   -> {name, reply}
// What fails is answered by {error, name}.

const PACKAGE = "nlp4.zip";
const arrive = self.fetch.bind(self);
const given = new Map(); // what several explorers are given comes once
let settings, base, python, live, missing, last = Promise.resolve();

self.onmessage = async ({ data }) => {
  const { make, name = make, message } = data;
  const failed = (error) =>
    self.postMessage({ error: missing ?? told(error), name, asked: message?.asked });
  try { // not in the line of messages: what is live stays so while scipy is on its way
    if (make) {
      await python.loadPackage(settings.packages[make], { messageCallback() {} });
      await give(settings.given[make]);
    }
    last = last.then(() => answer(data)).catch(failed);
  } catch (error) {
    failed(error);
  }
};

async function answer({ make, narrow, at, name, message, ...start }) {
  if (start.settings) {
    await load(start);
    self.postMessage({ ready: true });
  } else if (make) {
    self.postMessage({ name: make, state: JSON.parse(live.first_state(make, narrow, at)) });
  } else {
    const reply = JSON.parse(live.answer(name, JSON.stringify(message)));
    self.postMessage({ name, reply: { ...reply, asked: message.asked } });
  }
}

/** Fetch what an explorer is given, if anything. */
async function give(name) {
  if (!name) return;
  if (!given.has(name)) given.set(name, self.fetch(base + name).then((sent) => sent.arrayBuffer()));
  python.unpackArchive(await given.get(name), "zip");
}

async function load(start) {
  ({ settings, base } = start);
  const from = new URL(settings.python, base).href;
  const get = checked(), numpy = settings.first.find((name) => name.startsWith("numpy"));
  const early = get(from + numpy); // Pyodide would ask for it only when it has started
  early.catch(() => {});
  self.fetch = (url, options) => (String(url) === from + numpy ? early : get(url, options));
  const archive = get(base + PACKAGE).then((response) => response.arrayBuffer());
  const scripts = ["pyodide.mjs", "pyodide.asm.js"].map((name) => script(from + name));
  const [{ loadPyodide }] = await Promise.all(scripts);
  python = await begun(loadPyodide, {
    indexURL: from, lockFileURL: `${base}pyodide-lock.json`,
  });
  await python.loadPackage("numpy", { messageCallback() {} });
  python.unpackArchive(await archive, "zip");
  python.pyimport("nlp4.pictures.standins").install();
  live = python.pyimport("nlp4.pictures.live");
}

/** Python as its memory was after an earlier start, which saves a second and more; or anew. */
async function begun(loadPyodide, options) {
  const name = `/${encodeURIComponent(settings.files["pyodide.asm.wasm"].integrity)}`;
  const tried = `${name}-tried`; // from a memory that is no good it would never start
  const cache = await self.caches?.open("nlp4-python").catch(() => null); // some forbid it
  const memory = await cache?.match(name);
  if (memory && !await cache.match(tried)) {
    await cache.put(tried, new Response());
    const woken = await loadPyodide({ ...options, _loadSnapshot: memory.arrayBuffer() });
    await cache.delete(tried);
    return woken;
  }
  const started = await loadPyodide({ ...options, _makeSnapshot: true });
  cache?.put(name, new Response(started.makeMemorySnapshot()))
    .then(() => cache.delete(tried), () => {}); // where there is no room, it starts anew
  return started;
}

/** Fetch, but a file whose checksum is known must have it, from whichever host. */
function checked() {
  const all = settings.first.reduce((sum, name) => sum + settings.files[name].size, 0);
  let there = 0;
  return async (url, options) => {
    const name = String(url).split("/").at(-1);
    const { integrity, size } = settings.files[name] ?? {};
    const response = await arrive(url, integrity ? { ...options, integrity } : options)
      .catch(() => null);
    if (!response?.ok) { // noted, too: Pyodide goes on without a package, and fails far from here
      missing = `${name} did not arrive whole: reload the page.`;
      throw new Error(missing);
    }
    if (settings.first.includes(name)) {
      there += size;
      self.postMessage({ percent: Math.round(90 * there / all) }); // the rest is Python's start
    }
    return response;
  };
}

// `import` cannot be told a checksum.
async function script(url) {
  const response = await self.fetch(url);
  const text = new Blob([await response.text()], { type: "text/javascript" });
  return import(URL.createObjectURL(text));
}

// Of a Python traceback the last line tells what went wrong.
const told = (error) => String(error?.message ?? error).trim().split("\n").at(-1);
