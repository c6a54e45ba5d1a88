// The plain chat page: speaks JSON with the web door and shows what comes back. Every text is set as text, never as HTML.
"use strict";

const log = document.getElementById("log");
const form = document.getElementById("form");
const field = document.getElementById("text");
const FAILED = "I can't be reached right now. Please ask your nurse, or call the clinic.";
let token = null;

function element(name, className, text) {
  const made = document.createElement(name);
  if (className) made.className = className;
  if (text !== undefined) made.textContent = text;
  return made;
}

function add(message) {
  log.append(message);
  message.scrollIntoView({ block: "nearest" });
}

function showYours(text) {
  const message = element("div", "message you");
  message.append(element("p", "who", "You"), element("p", "", text));
  add(message);
}

// The text with its phone numbers as links: somebody in distress taps, and does not dial.
function withPhones(paragraph, phones) {
  const made = element("p");
  const pattern = phones.map((phone) => phone.replace(/[^\w]/g, "\\$&")).join("|");
  for (const part of phones.length ? paragraph.split(new RegExp("(" + pattern + ")")) : [paragraph]) {
    if (!phones.includes(part)) {
      made.append(part);
      continue;
    }
    const link = element("a", "phone", part);
    link.href = "tel:" + part.replace(/[^\d+]/g, "");
    made.append(link);
  }
  return made;
}

function showReply(reply) {
  const urgent = reply.outcome === "triage";
  const message = element("div", urgent ? "message guide triage" : "message guide");
  message.append(element("p", "who", "Guide"));
  if (reply.heading) message.append(element("h2", "heading", reply.heading));
  for (const paragraph of reply.text.split("\n\n")) message.append(withPhones(paragraph, reply.phones || []));
  if (reply.sources.length) {
    const sources = element("ul", "sources");
    for (const source of reply.sources) sources.append(element("li", "", "From: " + source));
    message.append(sources);
  }
  for (const note of reply.notes) message.append(element("p", "note", note));
  if (reply.choices.length) {
    const choices = element("ul", "choices");
    choices.setAttribute("aria-label", "You could also ask");
    for (const choice of reply.choices) {
      const item = element("li");
      const button = element("button", "", choice.title);
      button.type = "button";
      button.addEventListener("click", () => send(choice.title, choice.id));
      item.append(button);
      choices.append(item);
    }
    message.append(choices);
  }
  add(message);
}

async function post(path, content) {
  const headers = { "Content-Type": "application/json" };
  if (token) headers.Authorization = "Bearer " + token;
  const response = await fetch("/webhooks/web/" + path, { method: "POST", headers, body: JSON.stringify(content) });
  return { status: response.status, content: await response.json() };
}

async function begin(showWelcome) {
  token = null;
  const { content } = await post("session", {});
  token = content.token;
  if (showWelcome) showReply(content.reply);
}

async function send(text, choice) {
  showYours(text);
  log.setAttribute("aria-busy", "true");
  try {
    if (!token) await begin(false);
    const message = choice ? { text, choice } : { text };
    let answer = await post("message", message);
    if (answer.status === 401) {
      await begin(false);
      answer = await post("message", message);
    }
    showReply(answer.content.reply);
  } catch (error) {
    showReply({ outcome: "error", text: FAILED, sources: [], notes: [], choices: [] });
    field.value = text;
  } finally {
    log.removeAttribute("aria-busy");
    field.focus();
  }
}

form.addEventListener("submit", (event) => {
  event.preventDefault();
  const text = field.value.trim();
  if (!text) return;
  field.value = "";
  send(text);
});

begin(true).catch(() => showReply({ outcome: "error", text: FAILED, sources: [], notes: [], choices: [] }));
