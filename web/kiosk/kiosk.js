// The kiosk: tiles, questions, answers by touch. Every text is set as text, never as HTML; every word stands in the page or
// comes from the guide. What a person did lives in `state` alone, which `wipe` throws away: no storage, no cookie, no history.
import { drawTimeline } from "./timeline.js";

const id = (name) => document.getElementById(name);
const word = (name) => document.querySelector('#words [data-word="' + name + '"]').textContent;
const seconds = (name) => Number(document.body.dataset[name]) * 1000;
const query = new URLSearchParams(location.search);
const REPLY_PATIENCE = 15000;
const END_AGAIN = 5000;
// As many as the widget suggests on the phone.
const CODE_QUESTIONS = 6;

// What can be asked by touch: the same for everybody, so it outlives a person.
let held = { topics: [], therapies: [], timelines: [] };
let state = fresh();

function fresh() {
  return { token: null, read: new Map(), trail: [], answers: new Set(), urgent: false, touched: false, turn: 0, stop: new AbortController() };
}

function element(name, className, text) {
  const made = document.createElement(name);
  if (className) made.className = className;
  if (text !== undefined) made.textContent = text;
  return made;
}

function button(text, press, className) {
  const made = element("button", className, text);
  made.type = "button";
  made.addEventListener("click", press);
  return made;
}

function list(items, name) {
  const made = element("ul", "list");
  if (name) made.setAttribute("aria-label", name);
  for (const item of items) {
    const entry = element("li");
    entry.append(item);
    made.append(entry);
  }
  return made;
}

function say(text) {
  id("status").textContent = text;
}

// ---- Views: each is a function that fills #view; `trail` leads back.

function show(fill) {
  state.turn += 1;
  state.touched = true;
  state.urgent = false;
  stopReading();
  const view = id("view");
  view.replaceChildren();
  view.className = "";
  id("start").hidden = true;
  view.hidden = false;
  fill(view);
  id("back").disabled = id("first").disabled = false;
  document.querySelector("main").scrollTop = 0;
  scrollTo(0, 0);
  view.querySelector("h2")?.focus();
  // What is shown decides how long it stays.
  arm();
}

function go(fill) {
  state.trail.push(fill);
  show(fill);
}

function showStart() {
  state.turn += 1;
  state.trail = [];
  state.urgent = false;
  stopReading();
  id("view").hidden = true;
  id("view").replaceChildren();
  id("start").hidden = false;
  id("back").disabled = id("first").disabled = true;
  document.querySelector("main").scrollTop = 0;
  scrollTo(0, 0);
  id("start-title").focus();
}

function back() {
  state.trail.pop();
  const before = state.trail[state.trail.length - 1];
  before ? show(before) : showStart();
}

function title(text) {
  const made = element("h2", "", text);
  made.id = "view-title";
  made.tabIndex = -1;
  return made;
}

function topicView(topic) {
  return (view) => {
    const questions = topic.questions.map((question) => button(question.title, () => ask({ text: question.title, choice: question.id })));
    view.append(title(topic.title), list(questions, word("questions")));
  };
}

function timelineView(timeline, therapy = "ivig", asText = false) {
  return (view) => {
    const again = (nextTherapy, nextAsText, focused) => {
      state.trail.pop();
      go(timelineView(timeline, nextTherapy, nextAsText));
      id("view").querySelector('[data-switch="' + focused + '"]').focus();
    };
    const bar = element("div", "bar");
    bar.setAttribute("role", "group");
    bar.setAttribute("aria-label", timeline.title);
    const pressed = (name, text, on, press) => {
      const made = button(text, press);
      made.dataset.switch = name;
      made.setAttribute("aria-pressed", String(on));
      bar.append(made);
    };
    for (const one of held.therapies) pressed(one.id, one.title, one.id === therapy, () => again(one.id, asText, one.id));
    pressed("text", word("as-text"), asText, () => again(therapy, !asText, "text"));
    view.append(title(timeline.title), bar, element("p", "note", word("touch")));
    const open = (step) => ask({ text: step.question, choice: step.answer, therapy });
    if (asText) {
      const steps = element("ol", "list");
      timeline.steps.forEach((step, at) => {
        const entry = element("li");
        const opener = button(at + 1 + ". " + step.title, () => open(step));
        entry.append(opener, element("p", "", step.when + ": " + step.texts[therapy]));
        steps.append(entry);
      });
      view.append(steps);
    } else {
      const letters = parseFloat(getComputedStyle(document.documentElement).fontSize) * 0.95;
      const width = view.clientWidth;
      const picture = drawTimeline(timeline, therapy, { width, size: letters, family: getComputedStyle(document.body).fontFamily, open });
      picture.setAttribute("aria-labelledby", "view-title");
      view.append(picture);
    }
    for (const note of timeline.notes) view.append(element("p", "note", note));
  };
}

function answerView(asked, reply) {
  return (view) => {
    const urgent = reply.outcome === "triage";
    state.urgent = urgent;
    const card = element("div", urgent ? "answer alert" : "answer");
    if (urgent) {
      card.append(element("p", "word", word("important")), title(reply.heading || word("important")));
    } else {
      card.append(title(asked.text));
    }
    for (const paragraph of reply.text.split("\n\n")) card.append(element("p", "says", paragraph));
    for (const source of reply.sources) card.append(element("p", "source", word("from") + " " + source));
    for (const note of reply.notes) card.append(element("p", "note", note));
    view.append(card);
    // Beside what to do in an emergency nothing else is said.
    if (!urgent || voice()) view.append(aloud(card));
    const about = variants(asked, reply);
    if (about.length) {
      const bar = element("div", "bar");
      bar.append(...about);
      view.append(element("h3", "", word("about")), bar);
    }
    const choices = reply.choices.map((choice) => button(choice.title, () => ask({ text: choice.title, choice: choice.id })));
    if (choices.length) view.append(element("h3", "", word("also")), list(choices, word("also")));
    say((urgent ? word("important") + ". " + reply.heading + ". " : "") + reply.text);
  };
}

function questionOf(answer) {
  return held.topics.flatMap((topic) => topic.questions).find((one) => one.id === answer);
}

// The same answer for one therapy or another disease, where it has words of its own.
function variants(asked, reply) {
  const shown = reply.answers.length === 1 ? reply.answers[0] : null;
  const question = questionOf(shown);
  if (!question || !question.about.length) return [];
  const name = (about) => [about.therapy, about.condition].filter(Boolean).join("-") || "everybody";
  return [{}, ...question.about]
    .filter((about) => name(about) !== name(asked))
    .map((about) => button(word(name(about)), () => ask({ text: question.title, choice: question.id, ...about })));
}

function failedView(retry) {
  return (view) => {
    view.append(title(word("failed-title")), element("p", "", word("offline")));
    view.append(button(word("again"), () => { back(); retry(); }));
    say(word("offline"));
  };
}

// ---- Asking

async function post(path, content, token, signal) {
  const headers = { "Content-Type": "application/json" };
  if (token) headers.Authorization = "Bearer " + token;
  return fetch("/webhooks/kiosk/" + path, { method: "POST", headers, body: JSON.stringify(content), signal });
}

async function begin(mine, signal) {
  const response = await post("session", {}, null, signal);
  const { token } = await response.json();
  // Whoever began it may be gone by now, or have begun another by a second touch.
  if (state === mine && !mine.token) mine.token = token;
  else end(token);
}

async function ask(asked) {
  const mine = state;
  mine.touched = true;
  const turn = (mine.turn += 1);
  const key = asked.choice ? [asked.choice, asked.therapy, asked.condition].join(" ") : null;
  if (mine.read.has(key)) return go(answerView(asked, mine.read.get(key)));
  say(word("wait"));
  id("view").setAttribute("aria-busy", "true");
  const late = setTimeout(() => mine.stop.abort(), REPLY_PATIENCE);
  const signal = mine.stop.signal;
  try {
    if (!mine.token) await begin(mine, signal);
    let response = await post("message", asked, mine.token, signal);
    if (response.status === 401) {
      mine.token = null;
      await begin(mine, signal);
      response = await post("message", asked, mine.token, signal);
    }
    const { reply } = await response.json();
    if (state !== mine) return;
    // The last touch counts; only advice for an emergency comes whatever was touched since.
    if (turn !== mine.turn && reply.outcome !== "triage") return;
    if (reply.outcome === "answer") {
      // What somebody typed is not kept, and so not printed.
      mine.read.set(key || "typed " + mine.read.size, { ...reply, asked: key ? asked.text : "" });
      for (const answer of reply.answers) mine.answers.add(answer);
    }
    go(answerView(asked, reply));
  } catch (error) {
    if (mine.stop.signal.aborted) mine.stop = new AbortController();
    if (state !== mine || turn !== mine.turn) return;
    go(failedView(() => ask(asked)));
  } finally {
    clearTimeout(late);
    id("view").removeAttribute("aria-busy");
  }
}

// End a conversation on the server; while the network is away, try again. Only the token is known here, nothing of the person.
async function end(token) {
  try {
    const headers = { Authorization: "Bearer " + token };
    const response = await fetch("/webhooks/kiosk/end", { method: "POST", headers, keepalive: true });
    if (response.status >= 500) throw new Error(String(response.status));
  } catch (error) {
    setTimeout(() => end(token), END_AGAIN);
  }
}

// ---- Reading aloud, with a voice of this machine alone: others send the text away.

function voice() {
  return window.speechSynthesis?.getVoices().find((one) => one.localService && one.lang.startsWith("en"));
}

function stopReading() {
  window.speechSynthesis?.cancel();
  for (const made of document.querySelectorAll("[data-aloud]")) made.textContent = word("read-aloud");
}

function aloud(card) {
  const bar = element("div", "bar aloud");
  const fill = () => {
    if (!voice()) return bar.replaceChildren(element("p", "note", word("no-voice")));
    const control = button(word("read-aloud"), () => {
      const reading = speechSynthesis.speaking;
      stopReading();
      if (reading) return;
      const speech = new SpeechSynthesisUtterance([...card.querySelectorAll("h2, .says")].map((part) => part.textContent).join(". "));
      speech.voice = voice();
      speech.onend = () => { control.textContent = word("read-aloud"); };
      control.textContent = word("stop-reading");
      speechSynthesis.speak(speech);
    });
    control.dataset.aloud = "";
    bar.replaceChildren(control, element("p", "note", word("overheard")));
  };
  fill();
  return bar;
}

// ---- Take it with you

async function openHome() {
  state.touched = true;
  const mine = state;
  const hasCode = document.body.dataset.code === "yes";
  id("code-part").hidden = !hasCode;
  id("code-missing").hidden = hasCode;
  id("print-part").hidden = query.get("printer") === "0";
  id("print").hidden = id("print-text").hidden = !mine.read.size;
  id("print-nothing").hidden = mine.read.size > 0;
  const questions = [...mine.answers].map(questionOf).filter(Boolean).slice(-CODE_QUESTIONS);
  id("code-questions").replaceChildren(...questions.map((question) => element("li", "", question.title)));
  id("code").replaceChildren();
  id("home").showModal();
  if (!hasCode) return;
  try {
    const response = await post("code", { answers: questions.map((question) => question.id) }, null, mine.stop.signal);
    if (!response.ok) throw new Error(String(response.status));
    const drawn = new DOMParser().parseFromString(await response.text(), "image/svg+xml").documentElement;
    if (state !== mine) return;
    drawn.setAttribute("role", "img");
    drawn.setAttribute("aria-labelledby", "home-title");
    id("code").replaceChildren(document.importNode(drawn, true));
  } catch (error) {
    if (state === mine) id("code").replaceChildren(element("p", "", word("offline")));
  }
}

function printRead() {
  const sheet = id("sheet");
  sheet.replaceChildren(element("h1", "", word("sheet-title")));
  for (const reply of state.read.values()) {
    const part = element("section");
    if (reply.asked) part.append(element("h2", "", reply.asked));
    part.append(...reply.text.split("\n\n").map((text) => element("p", "", text)));
    part.append(...reply.sources.map((source) => element("p", "", word("from") + " " + source)));
    part.append(...reply.notes.map((note) => element("p", "", note)));
    sheet.append(part);
  }
  sheet.append(element("p", "", word("sheet-note")));
  window.print();
}

// ---- Privacy: idle, warning, wiping

let timer = 0;
let ticking = 0;
let lastActive = Date.now();

const patience = () => seconds(state.urgent || id("unwell").open ? "emergency" : "idle");

function arm() {
  lastActive = Date.now();
  clearTimeout(timer);
  timer = setTimeout(warn, patience());
}

function warn() {
  // Nothing to wipe: the next person may look as long as they like.
  if (!state.touched) return arm();
  if (id("idle").open) return;
  let left = seconds("warning") / 1000;
  const tick = () => {
    id("count").textContent = left;
    if (left === 10) id("idle-status").textContent = "10 " + word("seconds");
    if (left-- <= 0) wipe();
  };
  id("idle").showModal();
  id("idle-status").textContent = word("still-here");
  tick();
  ticking = setInterval(tick, 1000);
}

function wipe() {
  clearInterval(ticking);
  const before = state;
  state = fresh();
  before.stop.abort();
  if (before.token) end(before.token);
  stopReading();
  for (const dialog of document.querySelectorAll("dialog[open]")) dialog.close();
  for (const part of ["code", "code-questions", "sheet"]) id(part).replaceChildren();
  for (const part of ["count", "idle-status"]) id(part).textContent = "";
  id("form").reset();
  document.documentElement.className = "";
  for (const name of ["large", "contrast"]) id(name).setAttribute("aria-pressed", "false");
  showStart();
  say(word("wiped"));
  arm();
}

for (const name of ["pointerdown", "pointerup", "keydown", "wheel", "touchmove", "input"]) {
  addEventListener(name, () => { if (!id("idle").open) arm(); }, { passive: true, capture: true });
}
// The dialog's own event, not the touch: the same touch would fall through to the tile below.
id("idle").addEventListener("close", () => { clearInterval(ticking); id("idle-status").textContent = ""; arm(); });
id("stay").addEventListener("click", () => id("idle").close());
id("leave").addEventListener("click", wipe);
id("done").addEventListener("click", wipe);
// Timers sleep with the machine.
document.addEventListener("visibilitychange", () => {
  if (!document.hidden && state.touched && Date.now() - lastActive > patience() + seconds("warning")) wipe();
});
// Leaving the page by any way ends the conversation; a page that comes back from the browser's memory comes back empty.
addEventListener("pagehide", wipe);
addEventListener("pageshow", (event) => { if (event.persisted) wipe(); });
addEventListener("contextmenu", (event) => event.preventDefault());
addEventListener("afterprint", () => id("sheet").replaceChildren());

// ---- Controls

for (const name of ["large", "contrast"]) {
  id(name).addEventListener("click", () => {
    state.touched = true;
    const on = document.documentElement.classList.toggle(name);
    id(name).setAttribute("aria-pressed", String(on));
    const last = state.trail[state.trail.length - 1];
    // A picture is drawn for the size of its letters.
    if (last && id("view").querySelector("svg.timeline")) { show(last); id(name).focus(); }
  });
}
id("unwell-tile").addEventListener("click", () => { state.touched = true; stopReading(); id("unwell").showModal(); id("unwell").scrollTop = 0; arm(); });
id("home-tile").addEventListener("click", openHome);
id("print").addEventListener("click", printRead);
id("back").addEventListener("click", back);
id("first").addEventListener("click", showStart);
for (const made of document.querySelectorAll("[data-close]")) made.addEventListener("click", () => made.closest("dialog").close());
id("start").addEventListener("click", (event) => {
  const tile = event.target.closest("button[data-topic], button[data-timeline]");
  if (!tile) return;
  const topic = held.topics.find((one) => one.id === tile.dataset.topic);
  const timeline = held.timelines.find((one) => one.id === tile.dataset.timeline);
  if (topic) go(topicView(topic));
  else if (timeline) go(timelineView(timeline));
  else load().then(() => tile.click(), () => go(failedView(() => tile.click())));
});
if (query.get("keyboard") === "1") {
  id("form").hidden = false;
  id("form").addEventListener("submit", (event) => {
    event.preventDefault();
    const text = id("question").value.trim();
    id("question").value = "";
    if (text) ask({ text });
  });
}
let resizing = 0;
addEventListener("resize", () => {
  clearTimeout(resizing);
  resizing = setTimeout(() => {
    const last = state.trail[state.trail.length - 1];
    if (last && id("view").querySelector("svg.timeline")) show(last);
  }, 200);
});

async function load() {
  const response = await fetch("/contents.json");
  if (!response.ok) throw new Error(String(response.status));
  held = await response.json();
}

load().catch(() => {});
arm();
navigator.serviceWorker?.register("/kiosk/worker.js").catch(() => {});
