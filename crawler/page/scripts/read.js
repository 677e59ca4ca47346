// The main document as it stands, as text, and what the page says of itself.
() => {
  const kind = document.doctype;
  const ids = !kind ? "" : kind.publicId ? ` PUBLIC "${kind.publicId}"` : kind.systemId ? " SYSTEM" : "";
  const system = kind && kind.systemId ? ` "${kind.systemId}"` : "";
  const doctype = kind ? `<!DOCTYPE ${kind.name}${ids}${system}>\n` : "";
  const refused = performance.getEntriesByType("resource")
    .filter((part) => part.responseStatus === 401 && !part.initiatorType.endsWith("frame"));
  const named = document.querySelector("title");
  const source = named ? named.textContent : "";
  const asSource = source.replace(/[\t\n\f\r ]+/g, " ").trim() === document.title;
  const icon = document.querySelector("link[rel~=icon][href]");
  return {
    html: doctype + (document.documentElement ? document.documentElement.outerHTML : ""),
    title: (asSource ? source : document.title).slice(0, 4096),
    favicon: icon ? icon.href.slice(0, 8192) : "",
    type: document.contentType,
    nodes: document.getElementsByTagName("*").length,
    refused: refused.slice(0, 20).map(({ initiatorType, name }) => ({ part: initiatorType, url: name.slice(0, 8192) })),
  };
}
