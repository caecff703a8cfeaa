// Talks with the server that the page came from; what it shows of emotion and ledger comes only once it was asked for.
"use strict";

const at = (id) => document.getElementById(id);
const points = (milli) => (milli / 1000).toFixed(1);
const signed = (milli, digits) => (milli < 0 ? "\u2212" : "+") + Math.abs(milli / 1000).toFixed(digits);
const spaced = (name) => name.replaceAll("_", " ");

let token = sessionStorage.getItem("token"); // of this tab alone; a reload goes on with the same talk
let talk = null;
let revealed = false;
let busy = false;

async function ask(method, path, body) {
  const headers = token ? { Authorization: `Bearer ${token}` } : {};
  if (body !== undefined) headers["Content-Type"] = "application/json";
  const answer = await fetch(path, { method, headers, body: body === undefined ? undefined : JSON.stringify(body) });
  if (answer.ok) return answer;
  const { error } = await answer.json();
  throw Object.assign(new Error(error.message), { status: answer.status });
}

/** Runs one request at a time; what goes wrong is said on the page. */
async function alone(work) {
  if (busy) return;
  busy = true;
  at("problem").textContent = "";
  try {
    await work();
  } catch (error) {
    at("problem").textContent = error.status ? error.message : "The server does not answer. Is it still running?";
  } finally {
    busy = false;
  }
}

async function begin(settings) {
  const made = await (await ask("POST", "/api/talks", settings)).json();
  if (token) ask("DELETE", "/api/talk").catch(() => {});
  token = made.token;
  sessionStorage.setItem("token", token);
  at("said").replaceChildren();
  show(revealed ? await look() : made.talk);
  at("settings").open = false;
  at("reply").value = "";
  at("reply").focus();
}

async function look(inside = revealed) {
  return (await ask("GET", `/api/talk?reveal=${inside ? 1 : 0}`)).json();
}

async function speak() {
  const reply = at("reply").value;
  show(await (await ask("POST", "/api/talk", { reply, turn: talk.turn, reveal: revealed })).json());
  at("reply").value = "";
  at(talk.over ? "talk-heading" : "reply").focus();
}

function show(now) {
  talk = now;
  for (const message of talk.messages.slice(at("said").children.length)) at("said").append(bubble(message));
  for (const id of ["reply", "say"]) at(id).disabled = talk.over;
  at("talk-heading").textContent = talk.over ? "The talk has ended" : "The talk";
  if (talk.revealed) showInside(talk.revealed);
  at("status").textContent = statusLine();
  at("said").lastElementChild.scrollIntoView({ block: "nearest" });
}

function bubble({ role, content }) {
  const item = document.createElement("li");
  const text = document.createElement("p");
  text.className = `said ${role === "user" ? "seeker" : "supporter"}`;
  text.append(element("span", role === "user" ? "seeker" : "you", "who"), content || "(nothing)");
  item.append(text);
  return item;
}

function element(tag, text, kind) {
  const made = document.createElement(tag);
  made.textContent = text;
  if (kind) made.className = kind;
  return made;
}

function statusLine() {
  const where = talk.over ? `${talk.turn} replies; ${talk.outcome}.` : `Reply ${talk.turn + 1} of ${talk.max_turns}.`;
  return talk.revealed ? `${where} Emotion ${emotionLine(talk.revealed.emotions)}.` : where;
}

function emotionLine(emotions) {
  const [last, before] = [emotions.at(-1), emotions.at(-2)];
  return `${points(last)} of 100` + (before === undefined ? "" : ` (${signed(last - before, 1)})`);
}

function showInside({ emotions, curve, ledgers, skills }) {
  at("emotion").textContent = emotionLine(emotions);
  at("curve").innerHTML = curve; // drawn by our own server from numbers alone
  const ledger = ledgers.at(-1) ?? [];
  at("ledger-caption").textContent = ledgers.length ? `Why reply ${ledgers.length} moved it` : "No reply yet";
  at("ledger").replaceChildren(...ledger.map(ledgerRow));
  at("skills").replaceChildren(...Object.entries(skills).map(skillRow));
}

function ledgerRow({ amount, cause, skill, words }) {
  const row = document.createElement("tr");
  row.append(
    element("td", signed(amount, 2), `n ${amount < 0 ? "bad" : "good"}`),
    element("td", spaced(cause)),
    element("td", skill ? spaced(skill) : "", "soft"),
    element("td", words ? (words.length > 60 ? `${words.slice(0, 59)}\u2026` : words) : "", "soft"),
  );
  return row;
}

function skillRow([name, amount]) {
  const row = document.createElement("tr");
  const head = element("th", spaced(name));
  head.scope = "row";
  row.append(head, element("td", signed(amount, 1), "n"));
  return row;
}

async function reveal() {
  if (!revealed) show(await look(true));
  else delete talk.revealed;
  revealed = !revealed;
  at("inside").hidden = !revealed;
  document.querySelector("main").classList.toggle("open", revealed);
  at("reveal").setAttribute("aria-expanded", String(revealed));
  at("reveal").textContent = revealed ? "Hide emotion and ledger" : "Show emotion and ledger";
  at("status").textContent = statusLine();
}

async function save(path, name) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(await (await ask("GET", path)).blob());
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 1000);
}

function settings() {
  const found = { difficulty: at("difficulty").value, max_turns: at("turns").valueAsNumber };
  if (at("seed").value) found.seed = at("seed").valueAsNumber;
  if (at("scenario").value.trim()) found.scenario = at("scenario").value.trim();
  return found;
}

at("speak").addEventListener("submit", (event) => {
  event.preventDefault();
  if (talk && !talk.over) alone(speak);
});
at("reply").addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
  event.preventDefault();
  at("speak").requestSubmit();
});
at("begin").addEventListener("submit", (event) => {
  event.preventDefault();
  alone(() => begin(settings()));
});
at("reveal").addEventListener("click", () => alone(reveal));
at("save-transcript").addEventListener("click", () => alone(() => save("/api/talk/transcript", "talk.json")));
at("save-report").addEventListener("click", () => alone(() => save("/api/talk/report", "talk.html")));

alone(async () => {
  if (token) {
    try {
      return show(await look());
    } catch (error) {
      if (error.status !== 401) throw error; // the server was started anew: so is the talk
      token = null;
    }
  }
  return begin(settings());
});
