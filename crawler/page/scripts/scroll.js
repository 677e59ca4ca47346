// Walks down the page so that its lazy parts load; ends at the bottom, at a limit, or when
// nothing grows any more. Runs in a world of its own. `listens`: the page handles scroll events, so
// it may load parts some time after them; `patience`: milliseconds to wait for such parts on a screen;
// `look`: finds boxes that ask for consent, which are to be answered first.
async ({ms, px, steps, listens, patience}, look) => {
  const asked = look && await look();
  if (asked && (asked.boxes.length || asked.frames)) return {asked};
  const started = performance.now();
  const pause = (time) => new Promise((done) => setTimeout(done, time));
  const left = () => ms - (performance.now() - started);
  const roots = [document];
  for (let i = 0; i < roots.length && roots.length < 200; i++)
    for (const element of roots[i].querySelectorAll("*"))
      if (element.shadowRoot) roots.push(element.shadowRoot);
  for (const root of roots)
    for (const lazy of root.querySelectorAll("[loading=lazy]")) lazy.loading = "eager";

  const main = document.scrollingElement || document.documentElement;
  if (!main) return {steps: 0, height: 0, grew: false, limit: ""};
  const scrolls = (element) => element.scrollHeight > element.clientHeight + 20;
  const inner = () => [...document.querySelectorAll("body *")].slice(0, 5000)
    .filter((e) => scrolls(e) && /auto|scroll/.test(getComputedStyle(e).overflowY))
    .sort((a, b) => b.clientHeight * b.clientWidth - a.clientHeight * a.clientWidth)[0];
  const target = scrolls(main) ? main : inner();
  if (!target) return {steps: 0, height: main.scrollHeight, grew: false, limit: ""};

  // Pages that keep only what is in sight, or take parts away, lose text on the way: what stands at the
  // beginning or at the end of the way is compared with what is left. Short texts are clocks and counters.
  let isComparable = true;  // of a page with more texts only a part is walked, and nothing follows from it
  const texts = () => {
    const found = new Set(), walker = document.createTreeWalker(document.body || main, NodeFilter.SHOW_TEXT);
    for (let node, n = 0; (node = walker.nextNode()); n++) {
      if (n >= 20000) { isComparable = false; break; }
      const text = node.data.trim();
      if (text.length >= 12 && !/^(script|style|noscript|template)$/.test(node.parentNode.localName)) found.add(text);
    }
    return found;
  };
  const seen = texts();

  const pane = target === main ? innerHeight : target.clientHeight;
  const first = target.scrollHeight;
  let limit = "", done = 0;
  const atBottom = () => target.scrollTop + pane >= target.scrollHeight - 2;
  const grown = async (before, patience) => {
    for (let waited = 0; waited < patience && left() > 0; waited += 100) {
      await pause(100);
      if (target.scrollHeight > before + 2) return true;
    }
    return false;
  };
  // Loaders wait for the scrolling to stop (debounce), so moving on at once would skip what they
  // load. Waiting for all pages alike would cost seconds; so a screen is waited for only when it shows
  // placeholders, or when the page listens and is seen to change late.
  const HINT = /src|lazy|original|background|bg|image|img|url/i, FILE = /^(https?:|\/|\.|[\w-]+\/)|\.\w{3,4}(\?|$)/;
  const isPlaceholder = (element) => [...element.attributes].some(({name, value}) =>
    name.startsWith("data-") && HINT.test(name) && FILE.test(value.trim())
    && !(element.currentSrc || element.src || "").endsWith(value.trim())
    && !(element.style.backgroundImage || "").includes(value.trim()));
  const givenUp = new WeakSet();
  const waiting = () => {
    const found = [];
    for (const element of document.querySelectorAll("img, source, video, iframe, div, section, a, span, li, figure")) {
      if (found.length >= 50) break;
      if (givenUp.has(element) || !element.attributes.length || !isPlaceholder(element)) continue;
      const box = (element.localName === "source" ? element.parentElement : element).getBoundingClientRect();
      if (box.bottom > 0 && box.top < innerHeight && box.width + box.height > 0) found.push(element);
    }
    return found;
  };
  const placeholders = document.querySelector("[data-src],[data-original],[data-lazy-src],[data-srcset],[data-bg]") !== null
    || waiting().length > 0;
  let lastChange = 0, blind = listens ? 2 : 0, waited = 0;
  const observer = new MutationObserver(() => { lastChange = performance.now(); });
  observer.observe(document, {subtree: true, childList: true, attributes: true, attributeFilter: ["src", "srcset", "style", "class"]});
  const settleScreen = async () => {
    const from = performance.now();
    await pause(60);
    let open = placeholders ? waiting() : [];
    while ((open.length || blind > 0) && performance.now() - from < patience && left() > 0) {
      await pause(40);
      waited += 40;
      // only those of this screen are looked at again: the whole document costs milliseconds
      if (open.length && !(open = open.filter(isPlaceholder)).length) break;
      if (!open.length && lastChange > from + 60) break;
    }
    // a screen that changed late shows that the page loads so: the next ones get the same patience
    if (blind > 0 && !open.length) blind = lastChange > from + 60 ? 2 : blind - 1;
    for (const element of open) givenUp.add(element);
  };
  if (placeholders) await settleScreen();
  for (;;) {
    limit = left() <= 0 ? "time" : done >= steps ? "steps"
      : target.scrollTop + pane >= px ? "height" : "";
    if (limit) break;
    target.scrollTop += Math.max(pane * 0.9, 100);
    done++;
    await settleScreen();
    const height = target.scrollHeight;
    if (atBottom() && !(await grown(height, height > first ? 1200 : 600))) break;
  }
  observer.disconnect();
  const height = target.scrollHeight;
  for (const text of texts()) seen.add(text);
  target.scrollTop = 0;
  await pause(30);
  const remaining = texts(), gone = [...seen].filter((text) => !remaining.has(text));
  const chars = gone.reduce((sum, text) => sum + text.length, 0);
  const isPage = target !== main && pane * target.clientWidth > innerWidth * innerHeight / 2;
  return {
    steps: done, height, grew: height > first + 2, limit, waited,
    gone: isComparable && gone.length >= 5 && chars >= 200 ? gone.length : 0, inner: isPage ? height : 0,
  };
}
