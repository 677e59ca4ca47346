// Finds boxes that ask for consent, and refuses, closes or hides them (`act`). Runs in a world of its
// own. `inFrame`: the whole document is the content of such a box; `ms`: the longest wait; `expected`: a
// box may still come. Never presses what says accept.
async ({act, inFrame = false, ms = 0, expected = false, frames = []}) => {
  // a window has elements by their names, too; only an own property is ours
  if (!Object.hasOwn(globalThis, "linkshotConsent"))
    Object.defineProperty(globalThis, "linkshotConsent", {value: {clicked: [], stopped: [], frames: [], pressed: new WeakSet(), ended: false}});
  const state = globalThis.linkshotConsent;
  const MOST_NODES = 2000, MOST_CHARS = 4000, MOST_CLICKS = 60, PAGE_CHARS = 100;
  const FRAME_SHARE = 0.03, BACKDROP_SHARE = 0.5;
  const COOKIE = /cookie|\bgdpr\b|\bconsent\b|クッキー|ciasteczk|куки|쿠키/i;
  const PRIVACY = /privacy|personal data|隐私|隱私|个人信息|個人信息|個人情報|プライバシー|datenschutz|données personnelles|datos personales|dati personali/i;
  const REFUSE = new RegExp([
    "^(no,? ?)?(i )?(reject|decline|refuse|deny|disagree|opt[- ]?out)\\b", "^(i )?do not (accept|agree|consent|sell)",
    "^(continue|proceed) without (accept|agree|consent)",
    "^(use |accept |allow |keep )?(only )?(strictly )?(necessary|essential|required|functional)( cookies)?( only)?$",
    "^我?(暂时?|全部|一律)?(拒绝|拒絕|不同意|不接受|不允许|不允許)", "^(仅|僅|只)(限|需|要|使用|接受|允许|允許|保留|同意)?(严格|嚴格)?(必要|必需|基本|必须|必須)",
    "^(すべて|全て)?を?(拒否|同意しない|許可しない)", "^必(須|要).{0,8}のみ", "^(alle |cookies )?.{0,12}ablehnen$", "^nur (notwendige|essenzielle|erforderliche|technisch)",
    "^weiter ohne", "^(tout |je |tous )?refuse", "sans accepter", "^(cookies )?(nécessaires|essentiels) uniquement", "^rechazar", "^s[oó]lo (las )?(necesarias|esenciales)",
    "^rifiuta", "senza accettare$", "^(alles )?weigeren", "^alleen (noodzakelijke|functionele)", "^(rejeitar|recusar)", "^odrzu[cć]", "^(отклонить|отказаться|только необходимые)",
    "^(모두 )?거부", "^필수.{0,6}만",
  ].join("|"));
  const PAID = /subscri|\bpay\b|abonn|abo\b|购买|購買|订阅|訂閱|付费|付費/;
  const ACCEPT = new RegExp([
    "^(yes,? ?)?(i )?(accept|agree|allow|consent)\\b(?!.*(necessary|essential|required|select|choice|preference))",
    "^我?(已阅读)?并?(全部|一键|一鍵)?(同意|接受|允许|允許)(?!.*(必要|必需|所选|選擇|选择))", "^(すべて|全て)?を?(同意する|許可|承諾|受け入れる)",
    "^(alle )?(cookies )?.{0,12}(akzeptieren|zulassen|zustimmen)$", "^einverstanden", "^(tout |j'|j’|j )?accepte", "^aceptar", "^accett", "^(alles |cookies )?(accepteren|toestaan)", "^akkoord",
    "^aceitar", "^(akceptuj|zgadzam|zaakceptuj)", "^(принять|согласен|согласиться)", "^(모두 )?(동의|수락|허용)",
  ].join("|"));
  const REFUSES_ALL = /^(no,? ?)?(i )?(reject|decline|refuse|deny|disagree|do not)\b|^我?(暂时?|全部|一律)?(拒绝|拒絕|不同意|不接受|不允许|不允許)|拒否/;
  // kinds of cookies that nobody needs, beside those that are called necessary
  const MORE = /market|statisti|analy|advert|\bads?\b|personali[sz]|social|营销|行銷|行销|统计|統計|分析|广告|廣告|推广|個人化|个性化|マーケ|werbung|publicit/;
  const ACCEPTS_TOO = /(?:[,;&+、，；—–]|\b(?:and|then|but|und|et|y|e)\b|并|並|后|後).{0,20}(?:\b(?<!not |n't |without )(?:accept|agree|allow|consent)|(?<!不)(?:同意|接受|允许|允許)|akzeptier|zustimm|accepte|aceptar|accett)/;
  const CLOSES_BY_ACCEPTING = /\b(?<!not |n't |without )(?:accept|agree|consent)\b.*\b(?:close|continue|dismiss)\b|(?<!不)(?:同意|接受)并?(?:关闭|继续)/;
  const CLOSING_ACCEPTS = /(?:\bclos|\bdismiss|press|click|tap|select|this button|i understand|got it|关闭|關閉|点击|點擊).{0,80}(?:(?<!not |n't )\b(?:agree|accept|consent|sav(?:e|es|ing))\b|(?<!不)(?:同意|接受|视为|視為))/i;
  const AGREES = /^(ok|okay|yes|好|好的|确定|確定|确认|確認|はい|확인)$/;
  const CLOSE = /^([×✕✖✗x]|close( this)?( banner| dialog| message)?|dismiss|i understand|understood|got it|关闭|關閉|我?知道了|我?明白了?|我?已?了解了?|閉じる|わかりました|schlie(ß|ss)en|verstanden|fermer|j'ai compris|cerrar|entendido|chiudi|ho capito|sluiten|begrepen|fechar|zamknij|rozumiem|закрыть|понятно|닫기)$/;
  const KNOWN = {
    "onetrust-banner-sdk": "OneTrust", CybotCookiebotDialog: "Cookiebot", "usercentrics-root": "Usercentrics", "usercentrics-cmp-ui": "Usercentrics",
    "didomi-popup": "Didomi", "didomi-notice": "Didomi", "qc-cmp2-ui": "Quantcast", "truste-consent-track": "TrustArc", "iubenda-cs-banner": "iubenda",
    "cc-main": "CookieConsent", cookiescript_injected: "Cookie-Script", "hs-eu-cookie-confirmation": "HubSpot", tarteaucitronAlertBig: "tarteaucitron",
    tarteaucitronRoot: "tarteaucitron", cmpbox: "consentmanager", "cookie-law-info-bar": "CookieYes", BorlabsCookieBox: "Borlabs", axeptio_overlay: "Axeptio", "sp-cc": "Amazon",
  };
  const FIELD = "input:not([type]),input[type=text],input[type=email],input[type=password],input[type=tel],input[type=search],textarea";
  const CONTROL = "button,a,summary,input[type=button],input[type=submit],[role=button],[onclick],[tabindex]";
  const pause = (time) => new Promise((done) => later(done, time));
  const later = state.setTimeout || setTimeout.bind(globalThis);

  // by the getters themselves: a field called parentElement shadows that of its form
  const above = Object.getOwnPropertyDescriptor(Node.prototype, "parentElement").get;
  const shadow = Object.getOwnPropertyDescriptor(Element.prototype, "shadowRoot").get;
  const shadowOf = (node) => shadow.call(node);
  const parentOf = (node) => {
    const root = node.getRootNode();
    return node.assignedSlot || above.call(node) || (root instanceof ShadowRoot ? root.host : null);
  };
  // all elements in it, those of open shadow roots too
  const within = (root, found = []) => {
    const walker = document.createTreeWalker(root, NodeFilter.SHOW_ELEMENT);
    for (let node = root; node && found.length < MOST_NODES; node = walker.nextNode()) {
      if (!(node instanceof Element)) continue;
      found.push(node);
      if (shadowOf(node)) within(shadowOf(node), found);
    }
    return found;
  };
  const isVisible = (node) => {
    const {width, height} = node.getBoundingClientRect();
    return width * height > 0 && node.checkVisibility({opacityProperty: true, visibilityProperty: true});
  };
  const share = (node) => {
    const {left, right, top, bottom} = node.getBoundingClientRect();
    const width = Math.min(right, innerWidth) - Math.max(left, 0), height = Math.min(bottom, innerHeight) - Math.max(top, 0);
    return width > 0 && height > 0 ? width * height / (innerWidth * innerHeight) : 0;
  };
  const words = (box) => {
    let text = box.innerText || "";
    for (const node of within(box))
      for (const child of shadowOf(node) ? shadowOf(node).children : [])
        if (!/^(style|script|link)$/.test(child.localName)) text += `\n${child.innerText || ""}`;
    return text.trim();
  };
  const names = (node) => [node.innerText, node.value, node.getAttribute("aria-label"), node.title, node.getAttribute("alt"),
    ...[...node.querySelectorAll("img[alt]")].slice(0, 5).map((one) => one.alt)]
    .map((name) => String(name || "").trim().replace(/\s+/g, " ").slice(0, 100)).filter(Boolean);
  const label = (node) => names(node)[0] || "";
  const plainOf = (said) => said.toLowerCase().replace(/["“”‘→›»✓✔！!。.：:（）()]+/g, " ").replace(/\s+/g, " ").trim();
  const kindOf = (said) => {
    const plain = plainOf(said);
    if (!plain || plain.length > 60) return "";
    if (ACCEPTS_TOO.test(plain)) return "accept";
    if (REFUSE.test(plain)) return PAID.test(plain) || (MORE.test(plain) && !REFUSES_ALL.test(plain)) ? "" : "reject";
    return ACCEPT.test(plain) ? "accept" : AGREES.test(plain) ? "agree" : CLOSE.test(plain) ? "close" : "";
  };
  // by all its names: a cross may be called "Accept and close" for those who cannot see it
  const kindOfNode = (node) => {
    const kinds = names(node).map((name) => (CLOSES_BY_ACCEPTING.test(plainOf(name)) ? "accept" : kindOf(name)));
    return kinds.includes("accept") ? "accept" : kinds[0] || "";
  };
  // whether closing the box, by its own words or its ticks, gives the consent that it asks for
  const sentences = (box, found) => found.reduce((text, {said}) => text.replace(said, " "), words(box).replace(/\s+/g, " "));
  const closingAccepts = (box, found) => CLOSING_ACCEPTS.test(sentences(box, found))
    || within(box).some((node) => node.matches("input[type=checkbox]:checked:enabled"));
  const controls = (box) => {
    const found = [];
    for (const node of within(box)) {
      const isControl = node.matches(CONTROL);
      if (!(node instanceof HTMLElement) || !(isControl || !node.firstElementChild)) continue;
      const said = label(node);
      const looks = isControl && !said && /close|dismiss/i.test(`${node.getAttribute("class")} ${node.id}`);
      const kind = looks ? "close" : kindOfNode(node);
      if (kind && isVisible(node)) found.push({node, kind, said, isControl});
    }
    return found.sort((a, b) => b.isControl - a.isControl);
  };

  // the innermost box over the page at each of some points of the window: fifteen hit tests cost less
  // than a look at every element
  const boxes = () => {
    if (inFrame) return new Set(document.body ? [document.body] : []);
    const found = new Set(), passed = new Set();
    state.frames = [];
    for (const y of [0.04, 0.3, 0.5, 0.72, 0.95]) for (const x of [0.06, 0.5, 0.94]) {
      const point = [x * innerWidth, y * innerHeight];
      let node = document.elementFromPoint(...point);
      for (let inner; node && shadowOf(node) && (inner = shadowOf(node).elementFromPoint(...point)) && inner !== node;) node = inner;
      const hit = node;
      for (; node && node !== document.body && node !== document.documentElement && !passed.has(node); node = parentOf(node)) {
        passed.add(node);
        const {position, zIndex} = getComputedStyle(node);
        const isBox = position === "fixed" || position === "sticky" || (position === "absolute" && Number(zIndex) >= 100)
          || (node.localName === "dialog" && node.open) || node.getAttribute("aria-modal") === "true";
        if (!isBox) continue;
        found.add(node);
        if (hit.localName === "iframe" && share(hit) > FRAME_SHARE) state.frames.push(hit);
        break;
      }
    }
    return found;
  };
  const known = () => Object.entries(KNOWN)
    .map(([id, name]) => ({name, box: document.getElementById(id)}))
    .filter(({box}) => box && within(box).slice(0, 300).some((node) => isVisible(node) && share(node) > 0));
  const hasPageBehind = (asked) => {
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    for (let chars = 0, n = 0, node; n < 20000 && (node = walker.nextNode()); n++) {
      const parent = node.parentElement, size = node.data.trim().length;
      if (!size || !parent || /^(script|style|noscript|template)$/.test(parent.localName)) continue;
      if (asked.some(({box}) => box.contains(node)) || !parent.checkVisibility()) continue;
      if ((chars += size) >= PAGE_CHARS) return true;
    }
    const shows = (node) => shadowOf(node) || /^(img|video|canvas|iframe)$/.test(node.localName);
    return within(document.body).some((node) => shows(node) && share(node) > 0.1
      && !asked.some(({box}) => box.contains(node) || within(box).includes(node)));
  };
  const questionIn = (box) => {
    if ((box.textContent || "").length > 100_000) return null;
    const text = words(box);
    if (!text || text.length > MOST_CHARS) return null;
    const speaksOfCookies = COOKIE.test(text);
    if (!speaksOfCookies && !PRIVACY.test(text)) return null;
    const found = controls(box);
    const has = (...kinds) => found.some(({kind}) => kinds.includes(kind));
    if (!has("reject", "accept") && !(speaksOfCookies && has("close", "agree"))) return null;
    if (within(box).some((node) => node.matches(FIELD) && isVisible(node))) return null;
    return {box, text, name: "", controls: found};
  };
  const questions = () => {
    const named = inFrame ? [] : known().map(({name, box}) => ({box, name, text: words(box), controls: controls(box)}));
    const others = [...boxes()].filter((box) => !named.some((one) => one.box.contains(box) || within(one.box).includes(box)));
    const asked = [...named, ...others.map(questionIn).filter(Boolean)];
    return asked.length && (inFrame || hasPageBehind(asked)) ? asked : [];
  };
  const look = () => {
    const asked = questions();
    return {
      boxes: asked.map(({name, text, box}) => ({name, text: text.replace(/\s+/g, " ").slice(0, 80), share: share(box)})),
      frames: state.frames.length,
      awaited: Boolean(document.querySelector("iframe[name=__tcfapiLocator]") || Object.keys(KNOWN).some((id) => document.getElementById(id))),
    };
  };
  const until = async (ends) => {
    let seen = look();
    for (let waited = 0; waited < ms && !ends(seen); waited += 100) { await pause(100); seen = look(); }
    return seen;
  };

  // What we or the rules press may neither accept nor lead away; and nothing goes on once it has ended.
  const guard = () => {
    if (state.setTimeout) return;
    state.setTimeout = later;
    const press = HTMLElement.prototype.click;
    const leads = (node) => /^(a|area)$/.test(node.localName) && node.hasAttribute("href") && !/^\s*(#|javascript:)/i.test(node.getAttribute("href"));
    const stay = (event) => { if (event.composedPath().some((node) => node instanceof Element && leads(node))) event.preventDefault(); };
    const keep = (event) => { if (event.target.getAttribute("method") !== "dialog") event.preventDefault(); };
    HTMLElement.prototype.click = function () {
      if (state.ended || state.clicked.length >= MOST_CLICKS) return;
      const control = this.closest("button,a,[role=button]") || this, said = label(control).slice(0, 60);
      if (kindOfNode(control) === "accept") { state.stopped.push(said); return; }
      state.clicked.push(said);
      const pressing = () => {
        addEventListener("click", stay, true);
        addEventListener("submit", keep, true);
        try { press.call(this); } finally { removeEventListener("click", stay, true); removeEventListener("submit", keep, true); }
      };
      if (!inFrame) { pressing(); return; }
      // a frame goes with its answer, and what is known in it: so it is told before
      if (Object.hasOwn(globalThis, "linkshotMail")) linkshotMail.push({type: "clicked", cmp: said});
      later(pressing, 60);
    };
    globalThis.setTimeout = (work, time, ...rest) => later(() => { if (!state.ended && !state.rulesEnded) work(...rest); }, time);
  };
  const answer = () => {
    state.rulesEnded = true;
    for (const wanted of ["reject", "close"])
      for (const {box, controls} of questions()) {
        const found = controls.find(({kind, node}) => kind === wanted && !state.pressed.has(node));
        if (found && wanted === "close" && closingAccepts(box, controls)) continue;
        if (!found) continue;
        state.pressed.add(found.node);
        found.node.click();
        return {kind: wanted, said: found.said.slice(0, 60)};
      }
    return null;
  };

  const vanish = (node) => {
    if (node.localName === "dialog" && node.open) HTMLDialogElement.prototype.close.call(node);
    // up to the part of the page that holds nothing but this, such as a wrapper with its backdrop
    const media = (parent) => [...parent.querySelectorAll("img,video,canvas,iframe")].every((one) => node.contains(one));
    for (let up, n = 0; n < 50 && (up = parentOf(node)) && up !== document.body && up !== document.documentElement;) {
      if (up.textContent.length - node.textContent.length > 20 || !media(up) || (shadowOf(up) && shadowOf(up).textContent.length - node.textContent.length > 20)) break;
      node = up;
    }
    node.style.setProperty("display", "none", "important");
  };
  const hide = () => {
    const gone = [];
    for (const n of frames) if (state.frames[n]) vanish(state.frames[n]);
    for (let round = 0, asked; round < 3 && (asked = questions()).length; round++)
      for (const {box, name, text} of asked) { vanish(box); gone.push({name, text: text.replace(/\s+/g, " ").slice(0, 80)}); }
    for (const box of gone.length || frames.length ? boxes() : [])
      if (share(box) >= BACKDROP_SHARE && words(box).length < 20 && !box.querySelector("img,video,canvas,iframe")) vanish(box);
    return gone;
  };
  // undoes what keeps a page under a box from being scrolled
  const unlock = () => {
    const parts = [document.documentElement, document.body].filter(Boolean);
    if (Math.max(...parts.map((part) => part.scrollHeight)) <= innerHeight + 20) return false;
    let changed = false;
    for (const part of parts) {
      const {overflowY, position, filter} = getComputedStyle(part);
      const put = (name, value) => { part.style.setProperty(name, value, "important"); changed = true; };
      if (/hidden|clip/.test(overflowY)) put("overflow", "visible");
      if (position === "fixed") put("position", "static");
      if (/blur/.test(filter)) put("filter", "none");
    }
    return changed;
  };

  const clicks = () => ({
    clicked: state.clicked, stopped: state.stopped,
    only_closed: state.clicked.length > 0 && state.clicked.every((said) => ["close", "agree"].includes(kindOf(said))),
  });
  switch (act) {
    case "look": return until((seen) => seen.boxes.length || seen.frames || !(seen.awaited || expected));
    case "gone": return until((seen) => !seen.boxes.length);
    case "guard": return guard();
    case "answer": return answer();
    case "hide": return hide();
    case "unlock": return unlock();
    case "end": state.ended = true; return clicks();
    default: return clicks();
  }
}
