// The chat widget: one custom element that speaks JSON with the guide. Every text is a text node, never markup.
// docs/add-to-your-website.md says how a page shows it.
(() => {
  "use strict";

  // The words that are needed before the guide is reached, or when it is not; the others come from it. A page may
  // replace each: data-launcher="…". `phone` is empty until the page or the guide gives the care team's number.
  const WORDS = {
    launcher: "Infusion questions?",
    title: "Infusion guide",
    clinic: "",
    phone: "",
    emergency: "911",
    call: "Call",
    team: "Call your care team",
    noPhone: "Need a person? Ask your nurse or call your clinic.",
    you: "You",
    guide: "Guide",
    conversation: "Conversation",
    question: "Your question",
    hint: "Please leave out names, birth dates and phone numbers.",
    send: "Send",
    sendAgain: "Send again",
    tryAgain: "Try again",
    restart: "Start over",
    close: "Close",
    important: "Important.",
    thinking: "One moment",
    offline: "You seem to be offline, so I can't answer.",
    slow: "That took too long.",
    down: "I can't answer right now.",
    person: "Please ask your nurse or call your care team. In an emergency, call",
    kept: "Your message is kept.",
  };
  const STORED = "infusion-chat";
  const QUIET = { credentials: "omit", referrerPolicy: "no-referrer" };

  const STYLE = `
:host { all: initial !important; display: contents !important; }
::slotted(*) { all: initial !important; position: absolute !important; width: 1px !important; height: 1px !important;
  overflow: hidden !important; clip-path: inset(50%) !important; }
.box { all: initial; color-scheme: light dark; font: 1.125em/1.5 system-ui, sans-serif; color: var(--ink);
  --ground: #fff; --ink: #1b2429; --quiet: #4b565d; --line: #717d85; --soft: #eef4f5; --strong: #0b5563;
  --on-strong: #fff; --link: #0b5563; --alert: #9b1c1c; --alert-ground: #fff5f4; --ring: #ffd23f; }
@media (prefers-color-scheme: dark) {
  .box { --ground: #151b1f; --ink: #f1f4f5; --quiet: #c3ccd1; --line: #8d9aa2; --soft: #222c32; --strong: #0f6b7c;
    --link: #8fd7e4; --alert: #ffb4ab; --alert-ground: #33191a; }
}
*, ::before, ::after { box-sizing: border-box; }
[hidden] { display: none !important; }
h2, h3, p, ul, ol { margin: 0; padding: 0; font: inherit; list-style: ""; }
button, textarea, a { font: inherit; color: inherit; letter-spacing: inherit; }
button, .call { display: inline-flex; align-items: center; min-height: max(44px, 2.45em); min-width: 44px;
  padding: .35em .9em; border: 1px solid var(--line); border-radius: .6em; background: var(--ground);
  color: var(--link); text-align: start; text-decoration: none; cursor: pointer; }
button:hover, a:hover { border-color: var(--ink); box-shadow: inset 0 0 0 1px var(--ink); }
:focus-visible { outline: 3px solid var(--ring); outline-offset: 0; box-shadow: 0 0 0 6px #1b2429; }
.launcher, .send, .care[href], .message .call { background: var(--strong); border-color: var(--strong);
  color: var(--on-strong); font-weight: 600; }
.launcher { position: fixed; inset: auto 1em 1em auto; z-index: 2147483000; max-width: calc(100vw - 2em);
  padding: .6em 1.2em; border-radius: 2em; border: 2px solid #fff; box-shadow: 0 2px 12px #0006; }
.panel { position: fixed; inset: auto 1em 1em auto; z-index: 2147483000; margin: 0; padding: 0; flex-direction: column;
  width: 25em; height: 42em; max-width: none; max-height: calc(100dvh - 2em); overflow: hidden;
  border: 1px solid var(--line); border-radius: 1em; background: var(--ground); color: inherit;
  box-shadow: 0 6px 32px #0007; overflow-wrap: anywhere; }
.panel[open] { display: flex; }
.head { display: flex; align-items: center; gap: .4em; padding: .6em .8em; }
.head div { flex: 1; }
.head button { padding: .3em .6em; font-size: .9em; text-align: center; }
h2 { font-size: 1.15em; font-weight: 700; line-height: 1.25; }
.clinic, .hint, .source, .note, .who { color: var(--quiet); font-size: .9em; }
.care span { display: inline-block; }
.care { display: flex; flex-wrap: wrap; align-items: center; justify-content: center; gap: 0 .4em; margin: 0 .8em .6em; min-height: 44px;
  padding: .3em .8em; border: 1px solid var(--line); border-radius: .6em; text-align: center; text-decoration: none; }
.scroll { flex: 1; min-height: 8em; overflow: auto; position: relative; padding: .8em; outline-offset: -3px;
  border: solid var(--line); border-width: 1px 0; }
.scroll:focus-visible { box-shadow: inset 0 0 0 6px #1b2429; }
.message { margin: 0 0 .9em; padding: .7em .9em; border: 1px solid transparent; border-radius: .8em;
  background: var(--soft); }
.message p + p { margin-top: .5em; }
.message p { white-space: pre-line; }
.who { font-weight: 600; }
.you { margin-inline-start: 2.5em; border-color: var(--strong); background: var(--ground); }
.source { border-top: 1px solid var(--line); padding-top: .4em; }
.source + .source { border: 0; padding: 0; }
.alert, .error { border: 2px solid var(--alert); border-inline-start-width: .6em; background: var(--alert-ground); }
h3 { display: flex; align-items: center; gap: .5em; margin: .2em 0 .4em; font-size: 1.25em; font-weight: 700; line-height: 1.3;
  color: var(--alert); }
h3::before { content: "!"; content: "!" / ""; flex: none; width: 1.5em; border: 2px solid; border-radius: 50%; text-align: center; }
.calls, .bar { display: flex; flex-wrap: wrap; gap: .5em; }
.bar { margin: .5em 0; }
[aria-pressed=true] { border-color: var(--link); box-shadow: inset 0 0 0 2px; font-weight: 600; }
[aria-pressed=true]::before { content: "✓ "; content: "✓ " / ""; white-space: pre; }
.steps li { counter-increment: step; position: relative; padding: 0 0 1em 3em; }
.steps li::before { content: counter(step); content: counter(step) / ""; position: absolute; inset: .1em auto auto 0; width: 2.2em;
  border: 2px solid var(--link); border-radius: 50%; font-weight: 600; line-height: 2em; text-align: center; }
.steps li:not(:last-child)::after { content: ""; position: absolute; inset: 2.4em auto 0 1em; border-inline-start: 3px solid var(--line); }
.steps button { margin-bottom: .3em; }
.next > * { margin-top: .6em; }
.next ul, .helpful { display: flex; flex-wrap: wrap; align-items: center; gap: .5em; }
.label { font-weight: 600; }
.thinking { display: flex; gap: .4em; color: var(--quiet); animation: appear 0s .25s both; }
.thinking::after { content: "…"; content: "…" / ""; }
@keyframes appear { from { visibility: hidden; } }
@keyframes breathe { 50% { opacity: .2; } }
@media (prefers-reduced-motion: no-preference) { .thinking::after { animation: breathe 1.2s infinite; } }
form { padding: .5em .8em .6em; }
.hint { margin-top: .5em; }
.row { display: flex; flex-wrap: wrap; align-items: flex-end; gap: .6em;
  margin-top: .4em; }
textarea { flex: 1 1 9em; min-width: 0; height: 3.9em; padding: .35em .6em; border: 1px solid var(--line);
  border-radius: .6em; background: var(--ground); resize: none; }
@supports (field-sizing: content) {
  textarea { field-sizing: content; height: auto; min-height: max(44px, 2.45em); max-height: 6.8em; }
}
@media (max-width: 34em), (max-height: 30em) {
  .panel { inset: 0; width: 100%; height: 100%; max-height: none; border: 0; border-radius: 0; }
}
@media (max-width: 22em) {
  .clinic { display: none; }
  .care { padding: .3em; font-size: .95em; }
}
@media (max-height: 30em) {
  .panel { overflow: auto; }
  .scroll { flex: none; overflow: visible; }
}
@media (forced-colors: active) {
  .message { border-color: CanvasText; }
  :focus-visible { outline-color: Highlight; }
}`;

  // An element with a class and content; content that is a string becomes a text node.
  function make(tag, className, ...content) {
    const made = document.createElement(tag);
    if (className) made.className = className;
    made.append(...content);
    return made;
  }

  function button(className, text, pressed) {
    const made = make("button", className, text);
    made.type = "button";
    made.addEventListener("click", pressed);
    return made;
  }

  class InfusionChat extends HTMLElement {
    #token = "";
    #limit = Infinity;
    #turn = 0; // raised by "start over", so that a reply on its way is dropped
    #busy = false;
    #greeting = null;
    #aside = ""; // what else is to be announced with the next reply
    #topics = [];
    #contents; // the timelines, once they have been asked for
    #words;
    #status;
    #launcher;
    #panel;
    #care;
    #scroller;
    #log;
    #next;
    #field;

    connectedCallback() {
      if (this.shadowRoot) return;
      this.#words = { ...WORDS, ...this.dataset };
      const words = this.#words;
      const root = this.attachShadow({ mode: "open" });
      const style = new CSSStyleSheet();
      style.replaceSync(STYLE);
      root.adoptedStyleSheets = [style];

      // Announced from outside the shadow root, where screen readers notice it; shown nowhere.
      this.#status = make("div");
      this.#status.setAttribute("role", "status");
      this.append(this.#status);

      this.#launcher = button("launcher", words.launcher, () => this.open());
      this.#launcher.setAttribute("aria-haspopup", "dialog");
      const title = make("h2", "", words.title);
      title.id = "title";
      const name = make("div", "", title);
      if (words.clinic) name.append(make("p", "clinic", words.clinic));
      const header = make("div", "head", name);
      header.append(
        button("", words.restart, () => this.restart()),
        button("", words.close, () => this.close()),
      );
      this.#care = make("a", "care");
      this.#showPhone();
      this.#log = make("div");
      this.#log.setAttribute("role", "log");
      this.#log.setAttribute("aria-live", "off");
      this.#log.setAttribute("aria-label", words.conversation);
      this.#next = make("div", "next");
      this.#scroller = make("div", "scroll", this.#log, this.#next);
      this.#scroller.tabIndex = 0;
      this.#scroller.setAttribute("role", "group");
      this.#scroller.setAttribute("aria-label", words.conversation);

      const label = make("label", "label", words.question);
      label.htmlFor = "question";
      this.#field = make("textarea");
      this.#field.id = "question";
      this.#field.autocomplete = "off";
      this.#field.enterKeyHint = "send";
      const hint = make("p", "hint", words.hint);
      hint.id = "hint";
      this.#field.setAttribute("aria-describedby", "hint");
      const send = make("button", "send", words.send);
      const form = make("form", "", label, make("div", "row", this.#field, send), hint);
      form.addEventListener("submit", (event) => {
        event.preventDefault();
        this.#submit();
      });
      this.#field.addEventListener("keydown", (event) => {
        if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
        event.preventDefault();
        this.#submit();
      });

      this.#panel = make("dialog", "panel", header, this.#care, this.#scroller, form, document.createElement("slot"));
      this.#panel.setAttribute("aria-labelledby", "title");
      this.#panel.addEventListener("keydown", (event) => {
        if (event.key === "Escape" && !event.isComposing) {
          event.preventDefault();
          this.close();
        }
      });
      this.#panel.addEventListener("close", () => this.#closed());
      const box = make("div", "box", this.#launcher, this.#panel);
      box.lang = "en";
      root.append(box);

      // The server forgets at once what nobody can come back to.
      addEventListener("pagehide", (event) => {
        if (event.persisted || !this.#token || this.#remembers) return;
        this.#fetch("session", { method: "DELETE", keepalive: true }).catch(() => {});
      });
      // A link or a QR code may name what to ask: #premedication/why,during-infusion/length
      if ("topics" in this.dataset && /^#[a-z-]+\/[a-z-]+(,[a-z-]+\/[a-z-]+)*$/.test(location.hash)) {
        this.#topics = location.hash.slice(1).split(",");
        this.open();
      }
    }

    open() {
      if (this.#panel.open) return;
      this.#launcher.hidden = true;
      // Where it covers the page, what lies behind must not be reached.
      if (matchMedia("(max-width: 34em), (max-height: 30em)").matches) this.#panel.showModal();
      else this.#panel.show();
      this.#focus();
      if (!this.#greeting) this.#greet(true);
    }

    close() {
      this.#panel.close();
      this.#closed();
    }

    // A new conversation; the server forgets the old one.
    restart() {
      this.#turn += 1;
      this.#log.replaceChildren();
      this.#field.value = "";
      this.#topics = [];
      this.#focus();
      this.#greet(false);
    }

    // Say `text` in the conversation; `choice` is the id of an answer that was picked, and `sent` its title, or nothing.
    async ask(text, choice, sent = text) {
      this.#next.replaceChildren();
      this.#says(text);
      const turn = this.#turn;
      await this.#greeting;
      // The id stays when it is sent again: the guide then answers once.
      const id = crypto.getRandomValues(new Uint32Array(4)).join("-");
      if (turn === this.#turn) await this.#deliver({ text: sent, choice, id });
    }

    get #remembers() {
      return this.dataset.remember === "page";
    }

    #closed() {
      if (!this.#launcher.hidden) return;
      this.#launcher.hidden = false;
      this.#launcher.focus();
    }

    // On a touch screen the keyboard would cover the conversation.
    #focus() {
      (matchMedia("(pointer: coarse)").matches ? this.#scroller : this.#field).focus({ preventScroll: true });
    }

    #submit() {
      const text = this.#field.value.trim();
      if (!text || this.#busy) return;
      this.#field.value = "";
      this.#focus();
      this.ask(text);
    }

    #showPhone() {
      const { phone, team, noPhone } = this.#words;
      this.#care.replaceChildren(...(phone ? [make("span", "", `${team}: `), make("span", "", phone)] : [noPhone]));
      if (phone) this.#care.href = this.#dial(phone);
    }

    #dial(number) {
      return "tel:" + number.replace(/[^\d+]/g, "");
    }

    #calls(numbers) {
      const calls = make("p", "calls");
      for (const number of numbers) {
        const link = make("a", "call", `${this.#words.call} ${number}`);
        link.href = this.#dial(number);
        calls.append(link);
      }
      return calls;
    }

    get #server() {
      return this.dataset.server || "";
    }

    #fetch(path, options) {
      const headers = { "Content-Type": "application/json" };
      if (this.#token) headers.Authorization = "Bearer " + this.#token;
      const address = `${this.#server}/webhooks/${this.dataset.door || "web"}/${path}`;
      return fetch(address, { headers, ...QUIET, ...options });
    }

    async #post(path, content) {
      const stop = new AbortController();
      const timer = setTimeout(() => stop.abort(), (Number(this.dataset.seconds) || 15) * 1000);
      try {
        const response = await this.#fetch(path, { method: "POST", body: JSON.stringify(content), signal: stop.signal });
        return { ...(await response.json()), status: response.status };
      } finally {
        clearTimeout(timer);
      }
    }

    async #begin(content) {
      const begun = await this.#post("session", content);
      if (!begun.token) throw new Error("no session");
      this.#token = begun.token;
      this.#limit = begun.characters;
      const { phone, emergency } = begun;
      this.#words = { ...this.#words, ...begun.words, ...this.dataset, phone, emergency };
      this.#showPhone();
      this.#store(begun.token);
      return begun.reply;
    }

    // Only where the clinic allows it, only the token, only for this tab. A browser may refuse storage.
    #store(token) {
      try {
        if (this.#remembers) sessionStorage.setItem(STORED, token);
      } catch {}
    }

    #stored() {
      try {
        return (this.#remembers && sessionStorage.getItem(STORED)) || "";
      } catch {
        return "";
      }
    }

    // Post in the conversation. One that has ended is begun anew: the person is told so, and the words are sent again.
    async #call(path, content) {
      if (!this.#token) await this.#begin({});
      let answer = await this.#post(path, content);
      if (answer.status === 401) {
        this.#token = "";
        await this.#begin({});
        this.#message(answer.reply);
        this.#aside = answer.reply.text;
        answer = await this.#post(path, content);
      }
      return answer;
    }

    #greet(keep) {
      const turn = this.#turn;
      const greet = async () => {
        this.#wait(true);
        try {
          if (keep) this.#token ||= this.#stored();
          const reply = await this.#begin({ keep, topics: this.#topics });
          if (turn !== this.#turn) return;
          this.#show(reply, this.#words.suggested);
          this.#offerTimelines();
        } catch (error) {
          if (turn === this.#turn) this.#fail(this.#reason(error), this.#words.tryAgain, () => this.#greet(keep));
        }
      };
      this.#greeting = greet();
    }

    async #deliver(message) {
      const turn = this.#turn;
      const sendAgain = () => {
        if (this.#field.value.trim() === message.text) this.#field.value = "";
        this.#deliver(message);
      };
      this.#wait(true);
      try {
        const answer = await this.#call("message", message);
        if (turn !== this.#turn) return;
        if (answer.status !== 200) {
          this.#keep(message);
          this.#fail(answer.reply ? answer.reply.text : this.#reason(), this.#words.sendAgain, sendAgain);
          return;
        }
        if (message.text.length > this.#limit) this.#keep(message);
        this.#show(answer.reply, this.#words.also);
      } catch (error) {
        if (turn !== this.#turn) return;
        this.#keep(message);
        this.#fail(this.#reason(error), this.#words.sendAgain, sendAgain);
      }
    }

    // What was typed goes back where it was typed; a choice is kept by its button.
    #keep(message) {
      if (!message.choice && !this.#field.value) this.#field.value = message.text;
    }

    #reason(error) {
      const words = this.#words;
      const why = error?.name === "AbortError" ? words.slow : navigator.onLine ? words.down : words.offline;
      return `${why} ${words.person} ${words.emergency}.`;
    }

    #wait(busy) {
      this.#busy = busy;
      this.#log.setAttribute("aria-busy", busy);
      this.#status.textContent = "";
      this.#next.replaceChildren(...(busy ? [make("p", "thinking", this.#words.thinking)] : []));
    }

    #add(className, who, ...content) {
      const message = make("div", `message ${className}`, make("p", "who", who), ...content);
      this.#log.append(message);
      return message;
    }

    #says(text) {
      this.#scrollTo(this.#add("you", this.#words.you, make("p", "", text)));
    }

    #message(reply) {
      const words = this.#words;
      const content = reply.heading ? [make("h3", "", reply.heading)] : [];
      // The number to call comes before the words: who needs it may not read on.
      if (reply.phones.length) content.push(this.#calls(reply.phones));
      for (const paragraph of reply.text.split("\n\n")) content.push(make("p", "", paragraph));
      for (const source of reply.sources) content.push(make("p", "source", `${words.from} ${source}`));
      for (const note of reply.notes) content.push(make("p", "note", note));
      return this.#add(reply.outcome === "triage" ? "guide alert" : "guide", words.guide, ...content);
    }

    // A reply, from its start on; what it offers stands below the log. It is announced once, whole.
    #show(reply, label) {
      this.#wait(false);
      const message = this.#message(reply);
      this.#offer(reply, label);
      const urgent = reply.outcome === "triage" && this.#words.important;
      this.#announce([urgent, this.#aside, reply.heading, reply.text, ...reply.notes], message);
      this.#aside = "";
    }

    #announce(parts, message) {
      this.#status.textContent = parts.filter(Boolean).join(" ");
      if (message) this.#scrollTo(message);
    }

    // To its start. On a low screen the panel scrolls as a whole.
    #scrollTo(message) {
      this.#scroller.scrollTop = message.offsetTop - 8;
      if (this.#panel.scrollHeight > this.#panel.clientHeight) message.scrollIntoView();
    }

    #offer(reply, label) {
      if (reply.outcome === "answer" && reply.answers.length) this.#next.append(this.#helpful(reply.answers));
      if (!reply.choices.length) return;
      // Where the reply itself asks, its question is what the choices answer.
      const asks = ["triage", "clarify"].includes(reply.outcome);
      if (!asks) this.#next.append(make("p", "label", label));
      const name = asks ? reply.text.split("\n\n").pop() : label;
      this.#next.append(this.#list(name, reply.choices, ({ id, title }) => this.ask(title, id)));
    }

    // What can be picked; whoever picks goes on reading in the conversation.
    #list(name, choices, picked) {
      const list = make("ul");
      list.setAttribute("aria-label", name);
      for (const choice of choices) list.append(make("li", "", this.#pick(choice.title, () => picked(choice))));
      return list;
    }

    #pick(title, picked) {
      return button("", title, () => {
        if (this.#busy) return;
        this.#scroller.focus({ preventScroll: true });
        picked();
      });
    }

    // What to expect, as a picture. Where it cannot be had, nothing is missing.
    async #offerTimelines() {
      const label = make("p", "label", this.#words.steps);
      this.#next.append(label);
      label.hidden = true;
      try {
        this.#contents ||= await (await fetch(this.#server + "/contents.json", QUIET)).json();
        const { therapies, timelines } = this.#contents;
        label.after(this.#list(label.textContent, timelines, (timeline) => this.#showTimeline(timeline, therapies)));
        label.hidden = false;
      } catch {}
    }

    // A timeline in the conversation: for one therapy or the other, each step with a button that asks for its answer.
    #showTimeline({ title, steps, notes }, therapies) {
      this.#says(title);
      const bar = make("div", "bar");
      bar.setAttribute("role", "group");
      bar.setAttribute("aria-label", title);
      const list = make("ol", "steps");
      list.setAttribute("aria-label", title);
      const choose = (therapy) => {
        for (const [at, one] of therapies.entries()) bar.children[at].setAttribute("aria-pressed", one === therapy);
        list.replaceChildren(
          ...steps.map((step) => {
            // The guide knows the choice by its id; its words are not sent.
            const open = () => this.ask(`${step.question} (${therapy.title})`, `${step.answer}@${therapy.id}`, "");
            const when = make("span", "label", step.when + ": ");
            return make("li", "", this.#pick(step.title, open), make("p", "", when, step.texts[therapy.id]));
          }),
        );
        this.#announce([`${title}. ${therapy.title}.`, ...steps.map((step, at) => `${at + 1}. ${step.title}.`)]);
      };
      bar.append(...therapies.map((therapy) => button("", therapy.title, () => choose(therapy))));
      choose(therapies[0]);
      const small = notes.map((note) => make("p", "note", note));
      this.#scrollTo(this.#add("guide", this.#words.guide, bar, list, ...small));
    }

    #helpful(answers) {
      const words = this.#words;
      const group = make("div", "helpful", make("span", "", words.helpful));
      group.setAttribute("role", "group");
      group.setAttribute("aria-label", words.helpful);
      const say = async (helpful) => {
        this.#scroller.focus({ preventScroll: true });
        let said;
        try {
          said = (await this.#call("feedback", { answers, helpful })).reply.text;
        } catch (error) {
          said = this.#reason(error);
        }
        group.replaceChildren(said);
        this.#announce([said]);
      };
      group.append(
        button("", words.yes, () => say(true)),
        button("", words.no, () => say(false)),
      );
      return group;
    }

    #fail(reason, label, again) {
      const words = this.#words;
      this.#wait(false);
      const numbers = [words.phone, words.emergency].filter(Boolean);
      const text = label === words.sendAgain ? `${reason} ${words.kept}` : reason;
      const message = this.#add("guide error", words.guide, make("p", "", text), this.#calls(numbers));
      const repeat = button("", label, () => {
        this.#focus();
        again();
      });
      this.#next.append(repeat);
      this.#announce([text], message);
    }
  }

  const script = document.currentScript;
  if (!customElements.get("infusion-chat")) customElements.define("infusion-chat", InfusionChat);

  function show() {
    if (document.querySelector("infusion-chat")) return;
    const chat = document.createElement("infusion-chat");
    Object.assign(chat.dataset, { server: new URL(script.src).origin }, script.dataset);
    document.body.append(chat);
  }
  if (document.body) show();
  else addEventListener("DOMContentLoaded", show);
})();
