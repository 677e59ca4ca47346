// Walks down the page so that its lazy parts load; ends at the bottom, at a limit, or when
// nothing grows any more. Runs in a world of its own.
async ({ms, px, steps}) => {
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
  for (;;) {
    limit = left() <= 0 ? "time" : done >= steps ? "steps"
      : target.scrollTop + pane >= px ? "height" : "";
    if (limit) break;
    target.scrollTop += Math.max(pane * 0.9, 100);
    done++;
    await pause(60);
    const height = target.scrollHeight;
    if (atBottom() && !(await grown(height, height > first ? 1200 : 600))) break;
  }
  const height = target.scrollHeight;
  target.scrollTop = 0;
  await pause(30);
  return {steps: done, height, grew: height > first + 2, limit};
}
