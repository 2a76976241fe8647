/* How jobs get on, live: one stream for the page, polling where that fails.

   A page that shows jobs loads this module. It listens when the page has an element with
   data-job-id="12", data-job-subject="7" (with data-job-work="generation", a part of the
   work's name, where numbers alone may be mistaken) or data-progress on anything.

   Every change is a "job" event on document, its detail the job's fields. Elements with
   data-job-id or data-job-subject get data-job-state, and inside them
   [data-job-percent] (a <progress> or a text), [data-job-message], [data-job-words].
   An element with data-job-reload makes the page load anew once its job has ended. */

const POLL_MS = 2000;
const WANTED = "[data-job-id], [data-job-subject], [data-progress]";
const ENDED = new Set(["done", "failed", "cancelled"]);
const WORDS = { waiting: "Waiting", running: "Running", done: "Done", failed: "Failed", cancelled: "Cancelled" };

const brandPath = location.pathname.match(/^\/b\/[^/]+\//)?.[0];
const known = new Map();
let source = null;
let timer = 0;
let since = "";
let failures = 0;

function elementsOf(job) {
  const found = [...document.querySelectorAll(`[data-job-id="${job.id}"]`)];
  const subject = CSS.escape(job.subject_id);
  for (const element of document.querySelectorAll(`[data-job-subject="${subject}"]`)) {
    if (job.work.includes(element.dataset.jobWork ?? "")) found.push(element);
  }
  return found;
}

function words(job) {
  if (job.error) return job.error;
  if (job.is_cancel_requested && !ENDED.has(job.state)) return "Stopping";
  return job.message || (job.state === "waiting" ? "Waiting for a worker" : WORDS[job.state]);
}

function write(element, job) {
  element.dataset.jobState = job.state;
  for (const part of element.querySelectorAll("[data-job-percent], progress")) {
    if (part.localName === "progress") part.value = job.percent;
    else part.textContent = `${job.percent} %`;
  }
  for (const part of element.querySelectorAll("[data-job-message]")) part.textContent = words(job);
  for (const part of element.querySelectorAll("[data-job-words]")) part.textContent = WORDS[job.state];
}

function tell(job) {
  const text = JSON.stringify(job);
  const before = known.get(job.id);
  if (before?.text === text) return;
  known.set(job.id, { text, state: job.state });
  let mustReload = false;
  for (const element of elementsOf(job)) {
    const shown = before?.state ?? element.dataset.jobState;
    write(element, job);
    if ("jobReload" in element.dataset && ENDED.has(job.state) && shown !== job.state) mustReload = true;
  }
  document.dispatchEvent(new CustomEvent("job", { detail: job }));
  if (mustReload) location.reload();
}

async function poll() {
  timer = 0;
  try {
    const answer = await fetch(`${brandPath}progress.json?since=${since}`, { headers: { Accept: "application/json" } });
    if (answer.ok && !answer.redirected) {
      const { now, jobs } = await answer.json();
      since = String(now - 3000);
      jobs.forEach(tell);
    } else if (answer.status === 403 || answer.status === 404 || answer.redirected) {
      return; // signed out, or no longer a member: the next click says so
    }
  } catch {
    // The server may be starting again; keep asking.
  }
  if (!document.hidden) timer = setTimeout(poll, POLL_MS);
}

function open() {
  if (source || timer || document.hidden || !document.querySelector(WANTED)) return;
  if (!("EventSource" in window) || failures >= 3) {
    poll();
    return;
  }
  source = new EventSource(`${brandPath}progress/`);
  source.addEventListener("open", () => { failures = 0; });
  source.addEventListener("job", (event) => tell(JSON.parse(event.data)));
  source.addEventListener("error", () => {
    failures += 1;
    // CLOSED: the server said that it can't stream (204), or that we may not.
    if (source.readyState === EventSource.CLOSED || failures >= 3) {
      failures = 3;
      close();
      open();
    }
  });
}

function close() {
  source?.close();
  source = null;
  clearTimeout(timer);
  timer = 0;
}

if (brandPath) {
  // Browsers allow six connections to a server: a page that nobody sees must hold none.
  document.addEventListener("visibilitychange", () => (document.hidden ? close() : open()));
  window.addEventListener("pagehide", close);
  window.addEventListener("pageshow", open);
  document.addEventListener("htmx:afterSettle", open);
  open();
}
