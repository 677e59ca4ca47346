// What is nicer with scripts: nothing here is needed for reading, adding or searching.
"use strict";

const box = document.getElementById("box");
const typing = (element) => element && (element.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(element.tagName));

// The box says what Enter will do.
const ADDRESS = /^(https?:\/\/\S+|www\.[^\s/]+\.[^\s/]+\S*|[^\s/@:]+\.[a-z]{2,24}(:\d+)?\/\S*)$/i;
function sayWhatEnterDoes() {
  const button = box.form.querySelector("button");
  const parts = box.value.trim().split(/\s+/).filter(Boolean);
  const links = parts.length > 0 && parts.every((part) => ADDRESS.test(part));
  if (links) {
    button.textContent = parts.length > 1 ? box.dataset.import.replace("#", parts.length) : box.dataset.add;
  } else {
    button.textContent = box.dataset.search;
  }
}
if (box) {
  box.addEventListener("input", sayWhatEnterDoes);
  if (box.value) sayWhatEnterDoes();
  // A pasted list keeps its line ends as spaces, so that every address is seen.
  box.addEventListener("paste", (event) => {
    const text = event.clipboardData ? event.clipboardData.getData("text") : "";
    if (!/[\r\n]/.test(text)) return;
    event.preventDefault();
    box.setRangeText(text.replace(/\s*[\r\n]+\s*/g, " ").trim(), box.selectionStart, box.selectionEnd, "end");
    sayWhatEnterDoes();
  });
}

// Keys: / goes to the box, n too, j and k walk the list, Enter opens.
document.addEventListener("keydown", (event) => {
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
  if (event.key === "Escape" && document.activeElement === box) return box.blur();
  if (typing(document.activeElement)) return;
  if ((event.key === "/" || event.key === "n") && box) {
    event.preventDefault();
    box.focus();
    box.select();
  } else if (event.key === "j" || event.key === "k") {
    const titles = [...document.querySelectorAll("a.row-title")];
    if (!titles.length) return;
    const at = titles.indexOf(document.activeElement);
    const next = event.key === "j" ? Math.min(at + 1, titles.length - 1) : Math.max(at - 1, 0);
    titles[next].focus();
    titles[next].scrollIntoView({ block: "nearest" });
  }
});

// States live: only sentences come over the wire, they are put in as text.
const states = new Map();
for (const element of document.querySelectorAll(".state[data-link]")) states.set(element.dataset.link, element);
let source = null;
const opened = new Map();

// An icon lies over the first letter of its site; one that cannot be shown gives the letter free.
addEventListener("error", (event) => {
  if (!(event.target instanceof Element)) return;
  if (event.target.matches(".tile img")) giveFree(event.target);
  else if (event.target.matches(".thumb img")) event.target.remove();
}, true);
function giveFree(image) {
  image.parentElement.dataset.broken = image.getAttribute("src");
  image.remove();
}
for (const image of document.querySelectorAll(".tile img")) {
  if (image.complete && !image.naturalWidth) giveFree(image);
}
function showIcon(id, digest) {
  const tile = document.querySelector(`[data-tile="${id}"]`);
  const address = `${document.body.dataset.root}/icons/${digest}`;
  if (!digest || !tile || tile.querySelector("img") || tile.dataset.broken === address) return;
  const image = new Image(20, 20);
  image.alt = "";
  image.src = address;
  tile.append(image);
}

function applyLink(data) {
  const element = states.get(data.link_id);
  if (!element) return;
  element.dataset.tone = data.tone;
  element.querySelector(".said").textContent = data.text;
  if (data.why) element.title = data.why;
  else element.removeAttribute("title");
  showIcon(data.link_id, data.icon);
  const before = opened.get(data.link_id);
  opened.set(data.link_id, data.snapshot_id);
  for (const title of document.querySelectorAll(`[data-title="${data.link_id}"]`)) {
    if (data.title && title.textContent !== data.title) title.textContent = data.title;
  }
  // A link page is read anew when its snapshot has come, unless somebody is writing on it.
  const fresh = before !== undefined && before !== data.snapshot_id;
  if (fresh && document.body.classList.contains("link") && !typing(document.activeElement)
      && !document.querySelector("[popover]:popover-open")) {
    location.reload();
  }
}

function listen() {
  const ids = [...states.keys()].slice(0, 200).join(",");
  source = new EventSource(`${document.body.dataset.events}?ids=${ids}`);
  source.addEventListener("link", (event) => applyLink(JSON.parse(event.data)));
  source.addEventListener("working", (event) => {
    const corner = document.getElementById("working");
    if (corner) corner.textContent = JSON.parse(event.data).text;
  });
}
function hush() {
  if (source) source.close();
  source = null;
}
// A hidden page gives its connection back: browsers allow six of them per site.
document.addEventListener("visibilitychange", () => {
  if (document.hidden) hush();
  else if (!source) listen();
});
addEventListener("pagehide", hush);
addEventListener("pageshow", () => { if (!source && !document.hidden) listen(); });

// The page of jobs says what is going on now: it is read anew while somebody looks, unless somebody
// is using something on it.
const jobs = document.querySelector("main[data-fresh]");
const inUse = () => document.hidden || jobs.contains(document.activeElement)
  || jobs.querySelector("details[open]") || !getSelection().isCollapsed;
function readAnew() {
  if (inUse()) return;
  const asking = new XMLHttpRequest(); // it parses pages, which trusted types forbid to DOMParser
  asking.open("GET", location.href);
  asking.responseType = "document";
  asking.addEventListener("load", () => {
    const fresh = asking.response && asking.response.querySelector("main[data-fresh]");
    if (fresh && !inUse()) jobs.replaceChildren(...fresh.childNodes);
  });
  asking.send();
}
if (jobs) setInterval(readAnew, Number(jobs.dataset.fresh) * 1000);

// The bookmarklet knows where this linkshot is.
const bookmarklet = document.getElementById("bookmarklet");
if (bookmarklet) {
  const add = `${location.origin}${document.body.dataset.root}/add`;
  bookmarklet.href = `javascript:location.href=${JSON.stringify(add)}+"?url="+encodeURIComponent(location.href)+"&title="+encodeURIComponent(document.title)`;
  bookmarklet.addEventListener("click", (event) => event.preventDefault());
}

// A file can be dropped; the area says which one was chosen.
const drop = document.getElementById("drop");
if (drop) {
  const file = drop.querySelector("input");
  const said = drop.querySelector("[data-said]");
  drop.classList.add("ready");
  const name = () => { if (file.files.length) said.textContent = file.files[0].name; };
  file.addEventListener("change", name);
  for (const kind of ["dragenter", "dragover"]) {
    drop.addEventListener(kind, (event) => { event.preventDefault(); drop.classList.add("over"); });
  }
  for (const kind of ["dragleave", "drop"]) drop.addEventListener(kind, () => drop.classList.remove("over"));
  drop.addEventListener("drop", (event) => {
    event.preventDefault();
    file.files = event.dataTransfer.files;
    name();
  });
}
