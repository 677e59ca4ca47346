// Pictures that could not be loaded, with the addresses that their elements name; or, given one address for each of
// them, shows these. The order of the pictures is the same in both calls.
async ({ chosen } = {}) => {
  const broken = Array.from(document.images).filter((image) => image.currentSrc && image.complete && !image.naturalWidth);
  const absolute = (address) => {
    try { return new URL(address, document.baseURI).href.split("#")[0]; } catch { return ""; }
  };
  const candidates = (set) => (set || "").split(/,\s+|,$/).map((one) => one.trim().split(/\s+/)[0]).filter(Boolean);
  if (!chosen) {
    return {
      images: broken.map((image) => {
        const sources = image.parentElement && image.parentElement.localName === "picture" ? image.parentElement.querySelectorAll("source") : [];
        const sets = [image.srcset, ...Array.from(sources, (source) => source.srcset)];
        return [image.getAttribute("src") || "", ...sets.flatMap(candidates)].map(absolute).filter(Boolean);
      }),
    };
  }
  await Promise.all(broken.map(async (image, n) => {
    const [address] = chosen[n] || [];
    if (!address) return;
    if (image.parentElement && image.parentElement.localName === "picture") image.parentElement.querySelectorAll("source").forEach((source) => source.remove());
    image.removeAttribute("srcset");
    image.removeAttribute("sizes");
    if (image.getAttribute("loading") === "lazy") image.loading = "eager";
    image.src = address;
    await image.decode().catch(() => {});
  }));
  return {};
}
