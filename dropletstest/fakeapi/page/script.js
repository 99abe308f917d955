import { morph } from "./morph.js";

// Milliseconds between two updates, after a failed one, and until a notice of success disappears.
const updateInterval = 1000;
const retryInterval = 5000;
const noticeTime = 8000;

const notice = document.getElementById("notice");
const pauseButton = document.getElementById("pause");
const dialog = document.getElementById("confirm");

let paused = false;
let resolveConfirmation = null; // resolves the promise of confirm; null if the dialog is closed
let updateTimer;
let noticeTimer;
let updating = null; // the promise of the update in progress

// update replaces the fragments that changed, and schedules the next update.
function update() {
  clearTimeout(updateTimer);
  updating ??= load().then(
    () => schedule(updateInterval, paused ? "paused" : "live"),
    () => schedule(retryInterval, "lost"),
  );
  return updating;
}

async function load() {
  const versions = new URLSearchParams();
  for (const fragment of document.querySelectorAll("[data-version]")) versions.set(fragment.id, fragment.dataset.version);
  const response = await fetch(`/_fake/ui/fragments?${versions}`, { cache: "no-store", signal: AbortSignal.timeout(10000) });
  if (!response.ok) throw new Error(response.statusText);
  const changed = new DOMParser().parseFromString(await response.text(), "text/html");
  for (const next of changed.querySelectorAll("[data-version]")) replace(document.getElementById(next.id), next);
}

function schedule(delay, state) {
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

// replace changes a fragment. If the focused element disappears, the focus moves to a button of the same item, or else to the heading
// of the fragment, so that keyboard users can continue there.
function replace(current, next) {
  const focused = current.contains(document.activeElement) ? document.activeElement : null;
  const item = focused?.closest("tr[id], li[id]")?.id;
  morph(current, next);
  if (!focused || document.contains(focused)) return;
  const target = (item && document.getElementById(item)?.querySelector("button")) || current.querySelector("h2[tabindex]");
  target?.focus();
}

// confirm opens the dialog. Its promise resolves to true if the user confirms.
function confirm(question, label) {
  closeConfirmation(false);
  document.getElementById("confirm-question").textContent = question;
  document.getElementById("confirm-yes").textContent = label;
  dialog.showModal();
  return new Promise((resolve) => {
    resolveConfirmation = resolve;
  });
}

// closeConfirmation resolves the promise of confirm. The buttons of the dialog call it, and so does a close event, for the Escape key.
// A close event can be so late that the next dialog is already open; it is ignored then.
function closeConfirmation(confirmed) {
  resolveConfirmation?.(confirmed);
  resolveConfirmation = null;
}

dialog.addEventListener("submit", (event) => closeConfirmation(event.submitter.value === "yes"));
dialog.addEventListener("close", () => {
  if (!dialog.open) closeConfirmation(false);
});

async function send(form, button) {
  const data = new URLSearchParams(new FormData(form, button));
  if (button.dataset.confirm) {
    if (!(await confirm(button.dataset.confirm, button.textContent))) return;
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
  await updating; // an update in progress may have the state before the request
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
