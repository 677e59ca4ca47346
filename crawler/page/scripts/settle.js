// Waits until fonts and images are there and the document stops changing; never longer than `ms`. `look`:
// finds boxes that ask for consent, also those that came late.
async ({ms, quiet}, look) => {
  const pause = (time) => new Promise((done) => setTimeout(() => done("late"), time));
  const within = (work) => Promise.race([work, pause(ms)]);
  const images = [...document.images].filter((image) => !image.complete).slice(0, 500);
  const loaded = (image) => new Promise((done) => {
    image.addEventListener("load", done, {once: true});
    image.addEventListener("error", done, {once: true});
  });
  const still = () => new Promise((done) => {
    const counts = new Map();
    let timer = setTimeout(done, quiet);
    const observer = new MutationObserver((records) => {
      const news = records.filter((record) => {
        const count = (counts.get(record.target) || 0) + 1;
        counts.set(record.target, count);
        return count <= 20;
      });
      if (!news.length) return;
      clearTimeout(timer);
      timer = setTimeout(() => { observer.disconnect(); done(); }, quiet);
    });
    observer.observe(document, {subtree: true, childList: true, characterData: true});
    setTimeout(() => observer.disconnect(), ms);
  });
  const late = [];
  const note = async (name, work) => { if (await within(work) === "late") late.push(name); };
  await Promise.all([
    note("fonts", document.fonts.ready.then(() => "")),
    note("images", Promise.all(images.map(loaded)).then(() => "")),
    note("dom", still()),
  ]);
  for (const animation of document.getAnimations()) {
    try { animation.finish(); } catch { animation.cancel(); }
  }
  return {late, nodes: document.getElementsByTagName("*").length, asked: look && await look()};
}
