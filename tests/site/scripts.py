"""Scripts that try to keep a browser busy for ever."""

from __future__ import annotations

from linkshot.samples.loopback import Answer, Request, Response
from tests.site.markup import Page, fixed, page, paragraphs

_TEXT = paragraphs(
    "There is a real text on this page, and a visitor in a hurry can take it before the noise.",
    "这一页上有真正的文字，赶路的人可以在吵闹开始之前把它带走。",
)


def _after_load(title: str, script: str) -> Answer:
    """A good page whose script starts right after its load event."""
    start = f"<script>addEventListener('load', () => setTimeout(() => {{ {script} }}, 0));</script>"
    return fixed(page(title, f"<h1>{title}</h1>{_TEXT}{start}"))


def _inline(title: str, script: str) -> Answer:
    """A good page whose script starts while it is still being read."""
    return fixed(page(title, f"<h1>{title}</h1>{_TEXT}<script>{script}</script>"))


def _refresh(request: Request) -> Response:
    head = '<meta http-equiv="refresh" content="0;url=/meta-refresh-loop">'
    return page("Again", f"<h1>Again</h1><p>Round {request.visit}.</p>{_TEXT}", head=head)


_DIALOGS = "alert('Hello'); confirm('Sure?'); prompt('Name?', 'nobody'); print();"
_PERMISSIONS = """navigator.geolocation.getCurrentPosition(() => {});
Notification.requestPermission(); navigator.mediaDevices?.getUserMedia({video: true, audio: true}).catch(() => {});
navigator.clipboard?.readText().catch(() => {}); document.documentElement.requestFullscreen?.().catch(() => {});
navigator.requestMIDIAccess?.().catch(() => {}); document.body.requestPointerLock?.();"""
_WORKER = """navigator.serviceWorker?.register("/service-worker/worker.js").then(
  () => { document.title += " (registered)"; }, () => {});"""
_WORKER_FILE = """self.addEventListener("install", () => self.skipWaiting());
self.addEventListener("activate", event => event.waitUntil(clients.claim()));
self.addEventListener("fetch", event => event.respondWith(
  new Response("<h1>From the worker</h1>", {headers: {"Content-Type": "text/html"}})));"""
_GROW = "setInterval(() => { for (let i = 0; i < 500; i++) document.body.append(document.createElement('p')); }, 10);"
_BEES = """const hive = URL.createObjectURL(new Blob(["for (;;) {}"]));
for (let n = 0; n < %d; n++) new Worker(hive);"""
_CHOIR = """for (let n = 0; n < 500; n++)
  new SharedWorker(URL.createObjectURL(new Blob(["for (;;) {} //" + n])), "voice" + n);"""
_CISTERN = """const kept = []; for (;;) { const memory = new WebAssembly.Memory({initial: 8000});
  new Uint8Array(memory.buffer).fill(7); kept.push(memory); }"""
_CAROUSEL = """const canvas = document.createElement("canvas"); document.body.append(canvas);
const gl = canvas.getContext("webgl"); (function turn() { if (gl) { gl.clearColor(Math.random(), 0, 0, 1);
  for (let n = 0; n < 500; n++) gl.clear(gl.COLOR_BUFFER_BIT); } requestAnimationFrame(turn); })();"""
_MEMORY = "const kept = []; for (;;) kept.push(new Float64Array(4e6).fill(kept.length));"

PLACES = (
    Page("/script-loop", "while(true) after load", _after_load("A wheel", "while (true) {}")),
    Page(
        "/script-loop-inline",
        "while(true) while the page loads",
        _inline("A wheel", "while (true) {}"),
    ),
    Page(
        "/alert-loop",
        "alert() for ever after load",
        _after_load("A bell", "while (true) alert('ding');"),
    ),
    Page(
        "/alert-loop-inline",
        "alert() for ever while it loads",
        _inline("A bell", "while (true) alert('ding');"),
    ),
    Page(
        "/dialogs",
        "alert, confirm, prompt, print once each, and beforeunload",
        _after_load("A bell", _DIALOGS + "onbeforeunload = event => event.preventDefault();"),
    ),
    Page(
        "/popups",
        "300 new windows",
        _after_load(
            "A deck of cards", "for (let i = 0; i < 300; i++) window.open('/stable?' + i);"
        ),
    ),
    Page("/meta-refresh-loop", "refreshes itself at once, for ever", _refresh),
    Page(
        "/location-loop",
        "goes to itself by script, for ever",
        _inline("Again", "location.href = '/location-loop?' + Math.random();"),
    ),
    Page(
        "/pushstate",
        "history.pushState every millisecond",
        _after_load(
            "A ledger", "setInterval(() => history.pushState(1, '', '?' + Math.random()), 1);"
        ),
    ),
    Page(
        "/permissions",
        "asks for camera, place, clipboard and more",
        _after_load("A curious page", _PERMISSIONS),
    ),
    Page(
        "/service-worker",
        "registers a worker that answers everything",
        _after_load("A doorman", _WORKER),
    ),
    Page(
        "/service-worker/worker.js",
        "that worker",
        fixed(
            Response(
                content_type="text/javascript",
                headers=(("Service-Worker-Allowed", "/"),),
                body=_WORKER_FILE.encode(),
            )
        ),
    ),
    Page("/growing", "a page that gets 500 nodes every 10 ms", _after_load("A hedge", _GROW)),
    Page(
        "/workers",
        "`?n=1000` workers, each busy",
        lambda asked: _after_load("A beehive", _BEES % int(asked.number("n", 1000)))(asked),
    ),
    Page("/shared-workers", "a storm of SharedWorker", _after_load("A choir", _CHOIR)),
    Page("/wasm-hog", "WebAssembly memory until there is none", _after_load("A cistern", _CISTERN)),
    Page("/webgl", "a drawing loop that never rests", _after_load("A carousel", _CAROUSEL)),
    Page("/memory-hog", "takes memory until there is none", _after_load("A sponge", _MEMORY)),
)
