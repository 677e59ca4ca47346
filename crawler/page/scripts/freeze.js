// One document as it stands, as well-formed XML without scripts, with what the file alone would not
// hold: shadow roots, rules made by scripts, form state, canvas pixels, the top layer.
//
// Names are written as HTML has them and without namespaces: pipelines/page_html reads the tree with
// an XML parser, which rearranges nothing, and writes it as HTML. References stay as written, except
// those that only the live page can resolve (currentSrc, blob:). What Python puts in later is marked
// by attributes `data-linkshot-…`, which no page can bring itself.
async (limits, ...closedRoots) => {
  const HTML = "http://www.w3.org/1999/xhtml";
  const NAME = /^[A-Za-z_][\w.-]*$/;
  const OUTSIDE_XML = /[\0-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]/g;
  // most texts and values have none of these, and one look is cheaper than the replacements
  const SPECIAL = /[&<>"\0-\x1f\ud800-\udfff\ufffe\uffff]/;
  const REFERS = /url\(|image-set\(|@import|:defined|src\(/i;
  // Chromium writes longhands of a shorthand with var() as empty (CSSOM, "serialize a CSS declaration block")
  const LOSSY = /: ;/;
  const TOP_LAYER = "position:fixed;inset:auto;margin:0;max-width:none;max-height:none;box-sizing:border-box;z-index:2147483647;";
  const BOX = ["display", "float", "vertical-align", "position", "inset", "z-index", "margin", "padding", "border", "border-radius",
    "background", "box-sizing", "box-shadow", "width", "height", "opacity", "transform", "filter", "order", "flex", "align-self",
    "justify-self", "grid-area", "visibility"];
  const PAINT = ["color", "background", "border", "border-radius", "padding", "overflow", "font", "text-align", "outline"];
  const INERT = new Set(["script", "noscript", "template", "base", "meta", "link", "param", "source", "track", "noframes", "noembed"]);
  const RAW_TEXT = new Set(["xmp", "plaintext", "listing"]);
  const DROPPED_ATTRIBUTES = new Set(["nonce", "integrity", "crossorigin", "loading", "ping", "srcset", "sizes", "imagesrcset",
    "srcdoc", "autoplay", "autofocus", "shadowrootmode"]);

  // A form's or document's named children hide its properties (HTML, "legacy override built-ins")
  const getter = (type, name) => {
    const { get } = Object.getOwnPropertyDescriptor(type.prototype, name);
    return (node) => get.call(node);
  };
  const kindOf = getter(Node, "nodeType"), firstChild = getter(Node, "firstChild"), nextSibling = getter(Node, "nextSibling");
  const attributesOf = getter(Element, "attributes"), localName = getter(Element, "localName");
  const namespaceOf = getter(Element, "namespaceURI"), openRoot = getter(Element, "shadowRoot");
  const scrollLeft = getter(Element, "scrollLeft"), scrollTop = getter(Element, "scrollTop");
  const adoptedBy = getter(Document, "adoptedStyleSheets"), baseOf = getter(Node, "baseURI")(document);
  const rootElement = getter(Document, "documentElement")(document);
  const query = (root, selector) =>
    (root === document ? Document : DocumentFragment).prototype.querySelectorAll.call(root, selector);

  const closed = new Map();
  for (let i = 0; i + 1 < closedRoots.length; i += 2) closed.set(closedRoots[i], closedRoots[i + 1]);
  const rootOf = (element) => openRoot(element) || closed.get(element) || null;

  const out = [], sheets = [], frames = [], painted = [], blobs = {}, wantedBlobs = new Set(), blobImages = new Map();
  let nodes = 0, chars = 0;

  function write(text) {
    chars += text.length;
    if (chars > limits.chars) throw new Error("too many characters");
    out.push(text);
  }

  const legal = (text, substitute = "\ufffd") => text.toWellFormed().replace(OUTSIDE_XML, substitute);
  const escaped = (text, substitute) => !SPECIAL.test(text) ? text :
    legal(text, substitute).replace(/&/g, "&amp;").replace(/</g, "&lt;").replace(/>/g, "&gt;").replace(/\r/g, "&#13;");
  // browsers strip control characters from the ends of addresses
  const quoted = (text) => !SPECIAL.test(text) ? text : escaped(text.replace(/\f/g, " "), "").replace(/"/g, "&quot;").replace(/\n/g, "&#10;").replace(/\t/g, "&#9;");

  // ---- style sheets -------------------------------------------------------------------------------

  function rulesOf(sheet) {
    try {
      return Array.from(sheet.cssRules, (rule) => rule.cssText);
    } catch {
      return null; // of another site: the recorded answer has its text
    }
  }

  // Whether no script changed the rules since the text was parsed
  function isAsWritten(rules, text) {
    try {
      const copy = new CSSStyleSheet({ baseURL: baseOf });
      copy.replaceSync(text);
      const own = rulesOf(copy), read = rules.filter((rule) => !rule.startsWith("@import"));
      return own.length === read.length && own.every((rule, at) => rule === read[at]);
    } catch {
      return false;
    }
  }

  // Neighbouring rules without references are joined, so that Python parses only those with some
  function joined(rules) {
    const chunks = [];
    let plain = [];
    for (const rule of rules) {
      if (!REFERS.test(rule)) { plain.push(rule); continue; }
      if (plain.length) chunks.push(plain.join("\n"));
      chunks.push(rule);
      plain = [];
    }
    if (plain.length) chunks.push(plain.join("\n"));
    return chunks;
  }

  function textOf(sheet, owner) {
    const rules = rulesOf(sheet);
    if (rules === null) return { chunks: [], recorded: true };
    const isLossy = rules.some((rule) => LOSSY.test(rule));
    if (owner && localName(owner) === "style") {
      const text = owner.textContent;
      // as written it also keeps what only other browsers understand
      if ((isLossy || !REFERS.test(text)) && isAsWritten(rules, text)) return { chunks: [text], recorded: false };
    }
    return { chunks: joined(rules), recorded: isLossy && Boolean(sheet.href) };
  }

  // Of sheets with titles one set applies, which a script may choose (HTML Standard, "alternative style
  // sheets"); no property says which, so a rule of our own tells
  function applies(sheet, owner) {
    if (!sheet || sheet.disabled) return false;
    if (!owner.title || owner.getRootNode() !== document) return true;
    const isAlternate = /\balternate\b/i.test(owner.rel || "");
    if (!matchMedia(sheet.media.mediaText || "all").matches) return !isAlternate;
    try {
      const end = sheet.insertRule(":root{--linkshot-applies:1}", sheet.cssRules.length);
      const found = getComputedStyle(document.documentElement).getPropertyValue("--linkshot-applies");
      sheet.deleteRule(end);
      return found !== "";
    } catch {
      return !isAlternate;
    }
  }

  function writeSheet(sheet, owner) {
    if (!sheet || sheet.disabled) return;
    const { chunks, recorded } = textOf(sheet, owner);
    for (const chunk of chunks) chars += chunk.length;
    const media = sheet.media && sheet.media.mediaText;
    write(`<style data-linkshot-sheet="${sheets.length}"${media ? ` media="${quoted(media)}"` : ""}></style>`);
    sheets.push({ address: sheet.href || "", base: sheet.href || baseOf, chunks: chunks.map(legal), recorded });
  }

  // Adopted sheets come after all others; at the start they move no :last-child
  const goesFirst = (root) => !query(root, "style, link[rel~=stylesheet i]").length;

  // ---- pixels and blobs ---------------------------------------------------------------------------

  function drawn(source, width, height) {
    const canvas = Object.assign(document.createElementNS(HTML, "canvas"), { width, height });
    try {
      canvas.getContext("2d").drawImage(source, 0, 0);
      return canvas.toDataURL("image/png");
    } catch {
      return "";
    }
  }

  function canvasPixels(canvas) {
    try {
      // the buffer of WebGL is empty after it was shown; such a canvas has no 2D context
      return canvas.getContext("2d") ? canvas.toDataURL("image/png") : "";
    } catch {
      return "";
    }
  }

  function asDataUrl(blob) {
    return new Promise((resolve) => {
      const reader = new FileReader();
      reader.onload = () => resolve(reader.result);
      reader.onerror = () => resolve("");
      reader.readAsDataURL(blob);
    });
  }

  async function readBlob(address) {
    try {
      const blob = await (await fetch(address)).blob();
      if (blob.size <= limits.blob) blobs[address] = await asDataUrl(blob);
    } catch {
      // revoked, or the page's policy forbids it
    }
  }

  function noteBlobs(text) {
    if (text.includes("blob:")) for (const address of text.match(/blob:[^"')\s]+/g) || []) wantedBlobs.add(address);
  }

  // blob: addresses mean something in this page only
  async function readBlobs() {
    for (const sheet of sheets) sheet.chunks.forEach(noteBlobs);
    const wanted = [...wantedBlobs].slice(0, limits.blobs);
    if (!wanted.length) return;
    const late = new Promise((resolve) => setTimeout(resolve, limits.ms));
    await Promise.race([Promise.all(wanted.map(readBlob)), late]);
    for (const [address, image] of blobImages)
      if (!blobs[address] && image.naturalWidth) blobs[address] = drawn(image, image.naturalWidth, image.naturalHeight);
  }

  // ---- elements -----------------------------------------------------------------------------------

  const computed = (element, names) => {
    const style = getComputedStyle(element);
    return names.map((name) => `${name}:${style.getPropertyValue(name)};`).join("");
  };
  // Another element stands in for this one: rules for its name no longer reach it
  const boxOf = (element) => `${computed(element, BOX)}max-width:none;max-height:none;min-width:0;min-height:0;object-fit:fill`;

  // The top layer is entered by scripts only, so a fixed box stands in for it
  function topLayerStyle(element) {
    const { left, top, width, height } = element.getBoundingClientRect();
    const behind = getComputedStyle(element, "::backdrop").backgroundColor;
    const shadow = getComputedStyle(element).boxShadow;
    return `${computed(element, PAINT)}${TOP_LAYER}left:${left}px;top:${top}px;width:${width}px;height:${height}px;` +
      `box-shadow:${shadow === "none" ? "" : `${shadow},`}0 0 0 200vmax ${behind}`;
  }

  const setFlag = (attributes, name, isOn) => (isOn ? attributes.set(name, "") : attributes.delete(name));
  const addStyle = (attributes, style) => attributes.set("style", `${attributes.get("style") || ""};${style}`);

  function keepInput(input, attributes) {
    const type = input.type;
    if (type === "password" || type === "file") attributes.delete("value");
    else if (type === "checkbox" || type === "radio") setFlag(attributes, "checked", input.checked);
    else if (type !== "image" && type !== "hidden") attributes.set("value", input.value);
  }

  function keepImage(image, attributes) {
    if (image.currentSrc) attributes.set("src", image.currentSrc);
    if (image.currentSrc.startsWith("blob:")) blobImages.set(image.currentSrc, image);
    if (image.naturalWidth) attributes.set("data-linkshot-natural", `${image.naturalWidth} ${image.naturalHeight}`);
  }

  function keepVideo(video, attributes) {
    if (video.currentSrc) attributes.set("data-linkshot-src", video.currentSrc);
    attributes.delete("src");
    const frame = video.readyState >= 2 && video.videoWidth && drawn(video, video.videoWidth, video.videoHeight);
    if (frame) attributes.set("poster", frame);
  }

  function keepDialog(dialog, attributes) {
    setFlag(attributes, "open", dialog.open);
    if (dialog.matches(":modal")) addStyle(attributes, topLayerStyle(dialog));
  }

  // pipelines/page_html/scroll_positions.py puts a target for the first scrolling into a pseudo-element, which no
  // selector for elements counts. It is placed by the box itself, so boxes in it must not be placed by another one
  function keepScroll(element, attributes) {
    const left = scrollLeft(element), top = scrollTop(element);
    if (!left && !top) return;
    const free = ["before", "after"].find((name) => /^(?:none|normal)$/.test(getComputedStyle(element, `::${name}`).content));
    if (!free) return;
    if (getComputedStyle(element).position === "static" && element !== rootElement) {
      const inside = Element.prototype.querySelectorAll.call(element, "*");
      if (inside.length > limits.placed) return;
      for (const each of inside) if (getComputedStyle(each).position === "absolute") return;
      addStyle(attributes, "position:relative;inset:auto");
    }
    attributes.set("data-linkshot-scroll", `${free} ${left} ${top}`);
  }

  const KEEPERS = {
    img: keepImage,
    input: keepInput,
    video: keepVideo,
    audio: (audio, attributes) => attributes.delete("src"),
    option: (option, attributes) => setFlag(attributes, "selected", option.selected),
    details: (details, attributes) => setFlag(attributes, "open", details.open),
    dialog: keepDialog,
  };

  function ownAttributes(element) {
    const kept = new Map();
    for (const { name, value } of attributesOf(element)) {
      const plain = name.toLowerCase() === "xlink:href" ? "href" : name === "xml:lang" ? "lang" : name;
      const lowered = plain.toLowerCase();
      if (!NAME.test(plain) || lowered.startsWith("on") || lowered.startsWith("data-linkshot-")) continue;
      if (lowered === "xmlns" || DROPPED_ATTRIBUTES.has(lowered) || (kept.has(plain) && plain !== name)) continue;
      kept.set(plain, value);
    }
    return kept;
  }

  function attributesFor(element, name) {
    const attributes = ownAttributes(element);
    if (namespaceOf(element) !== HTML) return attributes;
    if (Object.hasOwn(KEEPERS, name)) KEEPERS[name](element, attributes);
    if (attributes.has("popover") && element.matches(":popover-open")) {
      attributes.delete("popover"); // hides what is not in the top layer
      addStyle(attributes, `display:block;${topLayerStyle(element)}`);
    }
    keepScroll(element, attributes);
    if (name.includes("-") && !element.matches(":defined")) attributes.set("data-linkshot-undefined", "");
    return attributes;
  }

  function writeStart(name, attributes) {
    let text = `<${name}`;
    for (const [key, value] of attributes) {
      noteBlobs(value);
      text += ` ${key}="${quoted(value)}"`;
    }
    write(`${text}>`);
  }

  function writeEmpty(name, attributes) {
    writeStart(name, attributes);
    write(`</${name}>`);
  }

  // Without scripts <canvas> shows its fallback in an inline box, so an image takes its place
  function writeCanvas(canvas) {
    const attributes = ownAttributes(canvas);
    const pixels = canvas.getClientRects().length ? canvasPixels(canvas) : "data:,";
    attributes.set("style", boxOf(canvas));
    attributes.set("alt", attributes.get("aria-label") || "");
    if (pixels) attributes.set("src", pixels);
    else attributes.set("data-linkshot-painted", String(painted.push(canvas) - 1));
    writeEmpty("img", attributes);
  }

  function frameAttributes(element) {
    const attributes = ownAttributes(element);
    const address = attributes.get("src") || attributes.get("data");
    if (address) attributes.set("data-linkshot-src", address);
    for (const name of ["src", "data", "type", "sandbox", "allow"]) attributes.delete(name);
    attributes.set("data-linkshot-frame", String(frames.push(element) - 1));
    return attributes;
  }

  // <object> and <embed> of documents become frames, of pictures images; others show their fallback
  function writePlugin(element, name, depth) {
    let isDocument = false;
    try { isDocument = Boolean(element.contentDocument || (element.getSVGDocument && element.getSVGDocument())); } catch { /* of another site */ }
    const inside = document.createRange();
    inside.selectNodeContents(element);
    const isFallback = inside.getClientRects().length > 0;
    const address = element.getAttribute(name === "embed" ? "src" : "data");
    const isImage = /^image\//i.test(element.type) || /\.(?:svg|png|jpe?g|gif|webp|avif)(?:[?#]|$)/i.test(address || "");
    if (isDocument && !isImage) {
      const attributes = frameAttributes(element);
      attributes.set("style", boxOf(element));
      attributes.set("frameborder", "0");
      writeEmpty("iframe", attributes);
    } else if (address && isImage && !isFallback) {
      const attributes = ownAttributes(element);
      for (const other of ["data", "type"]) attributes.delete(other);
      attributes.set("src", address);
      attributes.set("style", boxOf(element));
      writeEmpty("img", attributes);
    } else {
      const attributes = ownAttributes(element);
      for (const other of ["data", "src", "type", "classid", "codebase"]) attributes.delete(other);
      writeStart("object", attributes);
      writeChildren(element, name, depth);
      write("</object>");
    }
  }

  // ---- the tree -----------------------------------------------------------------------------------

  // What is taken out of <body> leaves an empty element, which :nth-child and + count like the old one
  function writePlaceholder(parentName) {
    if (parentName !== "head" && parentName !== "html" && parentName !== "frameset") write("<template></template>");
  }

  function writeLink(link, parentName) {
    const rel = link.rel.toLowerCase().split(/\s+/);
    if (rel.includes("stylesheet") && applies(link.sheet, link)) writeSheet(link.sheet, link);
    else if (rel.includes("icon")) writeEmpty("link", ownAttributes(link).set("href", link.href));
    else writePlaceholder(parentName);
  }

  function writeMeta(meta, parentName) {
    if (meta.httpEquiv || meta.hasAttribute("charset")) writePlaceholder(parentName);
    else writeEmpty("meta", ownAttributes(meta));
  }

  function writeShadow(host, root, depth) {
    write(`<template shadowrootmode="open"${root.delegatesFocus ? ' shadowrootdelegatesfocus=""' : ""}>`);
    const first = goesFirst(root);
    if (first) root.adoptedStyleSheets.forEach((sheet) => writeSheet(sheet, null));
    writeChildren(root, "template", depth);
    if (!first) root.adoptedStyleSheets.forEach((sheet) => writeSheet(sheet, null));
    write("</template>");
  }

  function writeText(text, parent, name) {
    // the HTML parser drops a line break at the start of these
    const isFirst = text === firstChild(parent);
    if (isFirst && (name === "pre" || name === "listing") && text.data.startsWith("\n")) write("\n");
    write(escaped(text.data));
  }

  function writeSpecial(element, name, parentName, depth) {
    switch (name) {
      case "style": applies(element.sheet, element) ? writeSheet(element.sheet, element) : writePlaceholder(parentName); return true;
      case "link": writeLink(element, parentName); return true;
      case "meta": writeMeta(element, parentName); return true;
      case "canvas": writeCanvas(element); return true;
      case "iframe": case "frame": writeEmpty(name, frameAttributes(element)); return true;
      case "object": case "embed": writePlugin(element, name, depth); return true;
      case "textarea":
        writeStart(name, ownAttributes(element));
        write(escaped((element.value.startsWith("\n") ? "\n" : "") + element.value));
        write(`</${name}>`);
        return true;
    }
    if (INERT.has(name)) writePlaceholder(parentName);
    return INERT.has(name);
  }

  function writeElement(element, parentName, depth) {
    const isHtml = namespaceOf(element) === HTML;
    // an element of another case is unknown until an HTML parser reads its name
    const own = isHtml ? localName(element).toLowerCase() : localName(element);
    if (isHtml && writeSpecial(element, own, parentName, depth)) return;
    if (own === "script") return;
    if (own === "style") { writeSheet(element.sheet, element); return; }
    const written = own.replaceAll(":", "-");
    const name = RAW_TEXT.has(own) ? "pre" : NAME.test(written) ? written : "span";
    writeStart(name, attributesFor(element, own));
    const root = isHtml ? rootOf(element) : null;
    if (root) writeShadow(element, root, depth);
    writeChildren(element, own, depth);
    if (own === adoptedAt) adoptedBy(document).forEach((sheet) => writeSheet(sheet, null));
    write(`</${name}>`);
  }

  function writeChildren(parent, name, depth) {
    if (depth > limits.depth) throw new Error("nested too deeply");
    for (let child = firstChild(parent); child; child = nextSibling(child)) {
      if (++nodes > limits.nodes) throw new Error("too many nodes");
      const kind = kindOf(child);
      if (kind === Node.ELEMENT_NODE) writeElement(child, name, depth + 1);
      else if (kind === Node.TEXT_NODE || kind === Node.CDATA_SECTION_NODE) writeText(child, parent, name);
    }
  }

  // A drawing or other XML is shown inside a page
  function writeRoot() {
    const isPage = namespaceOf(rootElement) === HTML && localName(rootElement) === "html";
    if (!isPage) write('<html><head></head><body style="margin:0">');
    writeElement(rootElement, "html", 0);
    if (!isPage) write("</body></html>");
  }

  function doctypeOf(kind) {
    if (!kind) return "";
    const ids = kind.publicId ? ` PUBLIC "${kind.publicId}"` : kind.systemId ? " SYSTEM" : "";
    return `<!DOCTYPE ${kind.name}${ids}${kind.systemId ? ` "${kind.systemId}"` : ""}>`;
  }

  const adoptedAt = query(document, "body style, body link[rel~=stylesheet i]").length ? "body" : "head";
  writeRoot();
  await readBlobs();
  // elements cannot be returned as values; crawler/page/freezer.py asks for these one by one
  globalThis.linkshotElements = { frames, painted };
  return {
    url: getter(Document, "URL")(document), base: baseOf, markup: out.join(""), sheets, blobs,
    doctype: doctypeOf(getter(Document, "doctype")(document)), quirks: getter(Document, "compatMode")(document) !== "CSS1Compat",
    frames: frames.length, painted: painted.length,
  };
}
