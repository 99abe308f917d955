import { morph } from "./morph.js";

// Milliseconds between two updates, after a failed one, and until a notice of success disappears.
const updateInterval = 1000;
const retryInterval = 5000;
const noticeTime = 8000;

const notice = document.getElementById("notice");
const pauseButton = document.getElementById("pause");
const dialog = document.getElementById("confirm");

let paused = false;
let answer = null; // resolves the promise of ask
let updateTimer;
let noticeTimer;
let updating = null; // the promise of the update in progress

// update replaces the fragments that changed, and plans the next update.
function update() {
  clearTimeout(updateTimer);
  updating ??= load().then(
    () => plan(updateInterval, paused ? "paused" : "live"),
    () => plan(retryInterval, "lost"),
  );
  return updating;
}

async function load() {
  const seen = new URLSearchParams();
  for (const fragment of document.querySelectorAll("[data-version]")) seen.set(fragment.id, fragment.dataset.version);
  const response = await fetch(`/_fake/ui/fragments?${seen}`, { cache: "no-store", signal: AbortSignal.timeout(10000) });
  if (!response.ok) throw new Error(response.statusText);
  const changed = new DOMParser().parseFromString(await response.text(), "text/html");
  for (const next of changed.querySelectorAll("[data-version]")) replace(document.getElementById(next.id), next);
}

function plan(delay, state) {
  updating = null;
  showState(state);
  if (!document.hidden && !paused) updateTimer = setTimeout(update, delay);
}

function showState(state) {
  const texts = { live: "Live", paused: "Paused", lost: "No connection, retrying" };
  const element = document.getElementById("live-state");
  if (element.dataset.state === state) return;
  element.dataset.state = state;
  document.getElementById("live-text").textContent = texts[state];
}

// replace changes a fragment. If the focused element disappears, the focus moves to a button of the same item or else to the
// heading of the fragment, so that the keyboard stays where it was.
function replace(current, next) {
  const focused = current.contains(document.activeElement) ? document.activeElement : null;
  const item = focused?.closest("tr[id], li[id]")?.id;
  morph(current, next);
  if (!focused || document.contains(focused)) return;
  const target = (item && document.getElementById(item)?.querySelector("button")) || current.querySelector("h2[tabindex]");
  target?.focus();
}

// ask opens the dialog and returns whether the user agreed.
function ask(question, label) {
  settle(false);
  document.getElementById("confirm-question").textContent = question;
  document.getElementById("confirm-yes").textContent = label;
  dialog.showModal();
  return new Promise((resolve) => {
    answer = resolve;
  });
}

// settle answers the question that is open. A close event can come so late that the next question is open already, therefore
// the buttons of the dialog answer, and a close event only if the dialog is still closed.
function settle(agreed) {
  answer?.(agreed);
  answer = null;
}

dialog.addEventListener("submit", (event) => settle(event.submitter.value === "yes"));
dialog.addEventListener("close", () => {
  if (!dialog.open) settle(false);
});

async function send(form, button) {
  const data = new URLSearchParams(new FormData(form, button));
  if (button.dataset.confirm) {
    if (!(await ask(button.dataset.confirm, button.textContent))) return;
    data.set("confirm", "yes");
  }
  button.setAttribute("aria-busy", "true");
  try {
    const response = await fetch(form.action, { method: "POST", body: data, headers: { "X-Fragment": "notice" } });
    if (!response.ok) throw new Error(await response.text());
    showNotice(new DOMParser().parseFromString(await response.text(), "text/html").body);
  } catch (error) {
    const text = document.createElement("p");
    text.className = "notice failed";
    text.textContent = `${button.textContent}: ${error.message}`;
    showNotice(text);
  } finally {
    button.removeAttribute("aria-busy");
  }
  await updating; // it may show the state before the change
  await update();
}

function showNotice(content) {
  clearTimeout(noticeTimer);
  notice.replaceChildren(...(content.localName === "body" ? content.childNodes : [content]));
  if (notice.querySelector(".ok")) noticeTimer = setTimeout(hideNotice, noticeTime);
}

function hideNotice() {
  if (notice.matches(":hover, :focus-within")) noticeTimer = setTimeout(hideNotice, noticeTime);
  else notice.replaceChildren();
}

document.addEventListener("submit", (event) => {
  if (event.target.method === "dialog") return;
  event.preventDefault();
  if (!event.submitter.hasAttribute("aria-busy")) send(event.target, event.submitter);
});

notice.addEventListener("click", (event) => {
  if (!event.target.closest(".dismiss")) return;
  event.preventDefault();
  notice.replaceChildren();
});

pauseButton.addEventListener("click", () => {
  paused = !paused;
  pauseButton.textContent = paused ? "Resume" : "Pause";
  if (paused) clearTimeout(updateTimer);
  showState(paused ? "paused" : "live");
  if (!paused) update();
});

document.addEventListener("visibilitychange", () => {
  if (document.hidden) clearTimeout(updateTimer);
  else if (!paused) update();
});

pauseButton.hidden = false;
update();
