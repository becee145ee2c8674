"use strict";
const $ = id => document.getElementById(id);
const svgSpace = "http://www.w3.org/2000/svg";

function el(tag, properties = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (name === "class") node.className = value;
    else if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else if (name in node) node[name] = value;
    else node.setAttribute(name, value);
  }
  node.append(...children.filter(child => child != null));
  return node;
}

// A long name goes on to the next line behind these signs rather than anywhere.
function breakable(text) {
  return text.split(/(?<=[_.\\/-])/).flatMap((part, index) => index ? [el("wbr"), part] : [part]);
}

function svg(tag, attributes, text) {
  const node = document.createElementNS(svgSpace, tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  if (text != null) node.textContent = text;
  return node;
}

let gallery = null;
let token = null;

// The token comes behind "#", which browsers do not send, and does not stay in the address.
(() => {
  const match = /[#&]token=([^&]+)/.exec(location.hash);
  try {
    if (match) {
      sessionStorage.setItem("token", decodeURIComponent(match[1]));
      history.replaceState(null, "", location.pathname);
    }
    token = sessionStorage.getItem("token");
  } catch { token = match ? match[1] : null; }
})();

function keepToken(text) {
  token = text || null;
  try { text ? sessionStorage.setItem("token", text) : sessionStorage.removeItem("token"); } catch { /* private mode */ }
}

/** A reference's picture. With the token where there is one: from another machine it is needed. */
function portrait(source) {
  const image = el("img", { alt: "", loading: "lazy" });
  if (!token) {
    if (!(gallery && gallery.guarded)) image.src = source;
    return image;
  }
  fetch(source, { headers: { "Authorization": "Bearer " + token }, cache: "no-store" })
    .then(answer => answer.ok ? answer.blob() : null)
    .then(blob => {
      if (!blob) return;
      image.onload = () => URL.revokeObjectURL(image.src);
      image.src = URL.createObjectURL(blob);
    })
    .catch(() => { /* the picture is left out */ });
  return image;
}

class Problem extends Error {
  constructor(answer, status) {
    super(answer.reason + (answer.remedy ? ": " + answer.remedy : ""));
    this.code = answer.error;
    this.status = status;
  }
}

/** The gallery's people; with the token where there is one, so that it is told where they came from. */
async function people(query) {
  const path = "/api/gallery?" + query;
  if (!token) return api(path);
  try { return await api(path, { headers: { "Authorization": "Bearer " + token } }); } catch (problem) {
    if (problem.status !== 401) throw problem;
    // One of a server that is gone: names are shown without.
    keepToken(null);
    return api(path);
  }
}

async function api(path, options = {}) {
  let response;
  try { response = await fetch(path, options); } catch {
    throw new Problem({ error: "gone", reason: "the server does not answer", remedy: "is it still running?" }, 0);
  }
  const answer = await response.json().catch(() => null);
  if (response.ok && answer) return answer;
  throw new Problem(answer || { error: "failed", reason: "the server answered " + response.status }, response.status);
}

function notice(kind, text, seconds = 0) {
  const node = el("div", { class: "notice " + kind, role: kind === "bad" ? "alert" : "status" }, el("span", { textContent: text }),
    el("button", { textContent: "×", "aria-label": "Close", onclick: () => node.remove() }));
  $("notices").replaceChildren(node);
  if (seconds) setTimeout(() => node.remove(), seconds * 1000);
}
const clearNotice = () => $("notices").replaceChildren();
const number = count => count.toLocaleString("en");
const plural = (count, one, many) => number(count) + " " + (count === 1 ? one : many || one + "s");
// Two decimals; as many figures where all distances of a gallery are small.
const figure = value => value === 0 || Math.abs(value) >= .1 ? value.toFixed(2) : value.toPrecision(2);

// --- Pictures

/** PGM and PPM, which browsers do not show: P5 and P6 with 8 bits a sample. */
function netpbm(buffer) {
  const bytes = new Uint8Array(buffer);
  if (bytes[0] !== 0x50 || (bytes[1] !== 0x35 && bytes[1] !== 0x36)) return null;
  const colors = bytes[1] === 0x36 ? 3 : 1;
  const numbers = [];
  let at = 2;
  while (numbers.length < 3 && at < bytes.length) {
    if (bytes[at] === 0x23) while (at < bytes.length && bytes[at] !== 10) at++;
    else if (bytes[at] >= 0x30 && bytes[at] <= 0x39) {
      let value = 0;
      while (bytes[at] >= 0x30 && bytes[at] <= 0x39) value = value * 10 + bytes[at++] - 0x30;
      numbers.push(value);
    } else at++;
  }
  at++;
  const [width, height, most] = numbers;
  if (!(width > 0 && height > 0 && width * height <= 5e7 && most > 0 && most < 256)) return null;
  if (bytes.length - at < width * height * colors) return null;
  const image = new ImageData(width, height);
  for (let pixel = 0; pixel < width * height; pixel++) {
    for (let k = 0; k < 3; k++) image.data[pixel * 4 + k] = bytes[at + pixel * colors + (colors === 3 ? k : 0)] * 255 / most;
    image.data[pixel * 4 + 3] = 255;
  }
  return image;
}

function canvasOf(width, height) {
  const canvas = document.createElement("canvas");
  canvas.width = width;
  canvas.height = height;
  return canvas;
}

const sendPixels = 1600, sendBytes = 4 << 20;

/** What is sent, and a canvas that shows it; null where the browser cannot show it (the server may still read it). */
async function load(file) {
  const buffer = await file.arrayBuffer();
  const plain = netpbm(buffer);
  if (plain) {
    const canvas = canvasOf(plain.width, plain.height);
    canvas.getContext("2d").putImageData(plain, 0, 0);
    return { blob: file, canvas };
  }
  let bitmap;
  try { bitmap = await createImageBitmap(file); } catch { return { blob: file, canvas: null }; }
  const start = new Uint8Array(buffer.slice(0, 4));
  const isSendable = (start[0] === 0x89 && start[1] === 0x50) || (start[0] === 0xff && start[1] === 0xd8);
  const largest = Math.max(bitmap.width, bitmap.height);
  const isSmall = file.size <= sendBytes && largest <= 2000;
  const scale = isSendable && isSmall ? 1 : Math.min(1, sendPixels / largest);
  const canvas = canvasOf(Math.max(1, Math.round(bitmap.width * scale)), Math.max(1, Math.round(bitmap.height * scale)));
  const context = canvas.getContext("2d");
  context.imageSmoothingQuality = "high";
  context.fillStyle = "#fff";
  context.fillRect(0, 0, canvas.width, canvas.height);
  context.drawImage(bitmap, 0, 0, canvas.width, canvas.height);
  bitmap.close();
  if (isSendable && isSmall) return { blob: file, canvas };
  const blob = await new Promise(done => canvas.toBlob(done, "image/jpeg", 0.92));
  return { blob: blob || file, canvas };
}

const colourOf = face => face.dim ? "--other" : face.known ? (face.edge ? "--edge" : "--good") : face.known === false ? "--stranger" : "--accent";

/** Draws a picture with the faces in it; small ones enlarged, so that frames are no wider than faces. */
function drawStage(canvas, picture, size, faces, lit) {
  const factor = Math.max(1, Math.ceil(480 / Math.max(size.width, size.height)));
  canvas.width = size.width * factor;
  canvas.height = size.height * factor;
  const context = canvas.getContext("2d");
  context.imageSmoothingQuality = "high";
  if (picture) context.drawImage(picture, 0, 0, canvas.width, canvas.height);
  const colors = getComputedStyle(document.documentElement);
  const thick = Math.max(2, Math.round(Math.max(canvas.width, canvas.height) / 220));
  faces.forEach((face, index) => {
    const { x, y, width, height } = face.box;
    const inset = thick / 2;
    const left = Math.max(inset, x * factor), top = Math.max(inset, y * factor);
    const right = Math.min(canvas.width - inset, (x + width) * factor), bottom = Math.min(canvas.height - inset, (y + height) * factor);
    // A light rim, so that the frame is seen on dark and on light ground.
    const frame = index === lit ? thick * 2 : thick;
    context.lineWidth = frame + Math.max(2, thick * .7);
    context.strokeStyle = "rgb(255 255 255 / 70%)";
    context.strokeRect(left, top, right - left, bottom - top);
    context.lineWidth = frame;
    context.strokeStyle = colors.getPropertyValue(colourOf(face));
    context.strokeRect(left, top, right - left, bottom - top);
    // Where eyes, nose and mouth were seen: small light rings, which hide nothing.
    for (const point of face.landmarks || []) {
      context.beginPath();
      context.arc(point.x * factor, point.y * factor, thick * .9, 0, 7);
      context.lineWidth = Math.max(1, thick * .45);
      context.strokeStyle = "rgb(0 0 0 / 35%)";
      context.stroke();
      context.lineWidth = Math.max(1, thick * .3);
      context.strokeStyle = "rgb(255 255 255 / 90%)";
      context.stroke();
    }
    context.strokeStyle = colors.getPropertyValue(colourOf(face));
    if (faces.length < 2) return;
    const text = String(index + 1), unit = thick * 8;
    context.font = `600 ${unit}px system-ui, sans-serif`;
    const wide = context.measureText(text).width + unit * .7;
    context.fillStyle = context.strokeStyle;
    context.fillRect(left, top, wide, unit * 1.35);
    context.fillStyle = colors.getPropertyValue("--card");
    context.textBaseline = "middle";
    context.fillText(text, left + unit * .35, top + unit * .7);
  });
  return factor;
}

function cutFace(picture, box) {
  const canvas = canvasOf(128, 128);
  if (!picture) return canvas;
  const side = Math.max(1, Math.min(box.width, box.height));
  const x = box.x + (box.width - side) / 2, y = box.y + (box.height - side) / 2;
  const context = canvas.getContext("2d");
  context.imageSmoothingQuality = "high";
  context.drawImage(picture, x, y, side, side, 0, 0, 128, 128);
  return canvas;
}

// --- Distances

/** A bar the longer the nearer, with a mark at the threshold: what reaches it is near enough. */
function track(distance, threshold, end) {
  const share = value => Math.max(0, Math.min(100, 100 * (1 - value / end)));
  const bar = el("i"), node = el("div", { class: "track" }, bar);
  bar.style.width = Math.max(1.5, share(distance)) + "%";
  if (threshold != null) {
    const mark = el("b", { title: "threshold " + figure(threshold) });
    mark.style.left = share(threshold) + "%";
    node.append(mark);
  }
  return node;
}

const barEnd = (distances, threshold) => Math.max(1e-9, (threshold || 0) * 2, 1.1 * Math.max(0, ...distances));

/** How a distance stands to the threshold, in one word and one sentence. A sixth of it on either side is its edge. */
function standing(distance, threshold) {
  if (threshold == null) return { kind: "", edge: false, chip: "no threshold", words: `${figure(distance)} away; without a threshold nobody can say whether that is near enough` };
  const edge = Math.abs(distance - threshold) < threshold / 6;
  const away = `${figure(distance)} away, and ${figure(threshold)} is the threshold`;
  if (distance < threshold) {
    return { kind: edge ? "edge" : "good", edge, chip: edge ? "only just near enough" : "near enough",
      words: edge ? away + ": a stranger may come as near" : away };
  }
  return { kind: "stranger", edge, chip: edge ? "only just too far" : "too far", words: away };
}

// --- Who is this?

let asked = 0;
let lastAsked = null;

async function ask(file, whole = false) {
  if (!file) return;
  show("ask");
  clearNotice();
  const turn = ++asked;
  const drop = $("ask-drop");
  drop.classList.add("busy");
  try {
    const picture = await load(file);
    if (turn !== asked) return;
    const answer = await api("/api/query?k=5" + (whole ? "&whole=1" : ""), {
      method: "POST", body: picture.blob, headers: { "Content-Type": "application/octet-stream" } });
    if (turn !== asked) return;
    lastAsked = { file, picture, answer, whole };
    showAnswer();
  } catch (problem) {
    if (turn === asked) {
      forget();
      notice("bad", problem.message);
    }
  } finally {
    if (turn === asked) drop.classList.remove("busy");
  }
}

/** As if nothing had been asked: an answer does not stand beside another picture's failure. */
function forget() {
  lastAsked = null;
  $("ask-result").hidden = true;
  $("ask-drop").classList.remove("compact");
  $("here").hidden = !$("here-list").childElementCount;
}

function showAnswer() {
  const { picture, answer, whole } = lastAsked;
  $("here").hidden = true;
  for (const face of answer.faces) face.edge = !!face.matches[0] && standing(face.matches[0].distance, answer.threshold).edge;
  $("ask-drop").classList.add("compact");
  $("ask-drop").querySelector(".lead").textContent = "Another picture?";
  $("ask-result").hidden = false;
  const canvas = $("ask-canvas");
  const light = index => {
    drawStage(canvas, picture.canvas, answer, answer.faces, index);
    [...$("ask-faces").querySelectorAll(".face")].forEach((card, place) => card.classList.toggle("lit", place === index && answer.faces.length > 1));
  };
  const factor = drawStage(canvas, picture.canvas, answer, answer.faces, -1);
  canvas.onclick = event => {
    const frame = canvas.getBoundingClientRect();
    const x = (event.clientX - frame.left) / frame.width * canvas.width / factor;
    const y = (event.clientY - frame.top) / frame.height * canvas.height / factor;
    const index = answer.faces.findIndex(({ box }) => x >= box.x && y >= box.y && x <= box.x + box.width && y <= box.y + box.height);
    if (index < 0) return;
    light(index);
    $("ask-faces").children[index].scrollIntoView({ behavior: "smooth", block: "nearest" });
  };
  const isWhole = whole || (answer.faces.length === 1 && answer.faces[0].confidence == null);
  $("ask-caption").textContent = `${answer.width} × ${answer.height}, `
    + (isWhole ? "taken as one face" : plural(answer.faces.length, "face") + " found by " + answer.finder)
    + `, ${answer.milliseconds.toFixed(1)} ms`;
  $("ask-faces").replaceChildren(...answer.faces.map((face, index) => {
    const card = faceCard(face, index);
    card.addEventListener("pointerenter", () => { if (answer.faces.length > 1) light(index); });
    return card;
  }));
  if (!answer.faces.length) {
    $("ask-faces").append(el("div", { class: "card face" }, el("p", { class: "lead", textContent: "No face was found" }),
      el("p", { class: "quiet", textContent: "Is the picture itself a face, cut close? Then it can be taken as it is." }),
      el("div", { class: "row" }, el("button", { class: "button", textContent: "Take the whole picture", onclick: () => ask(lastAsked.file, true) }))));
  } else if (gallery && gallery.enrolling) {
    $("ask-faces").append(enrolForm());
  }
}

function faceCard(face, index) {
  const { picture, answer } = lastAsked;
  const nearest = face.matches[0];
  const verdict = nearest ? standing(nearest.distance, answer.threshold) : { kind: "", chip: "the gallery is empty", words: "" };
  // Of two who are equally near nobody can say which of them it is.
  const isTied = face.tied != null;
  if (isTied) Object.assign(verdict, { kind: "edge", chip: "equally near" });
  const name = !nearest ? "Nobody is here yet" : isTied ? `${nearest.label} or ${face.tied}` : face.known === false ? "Unknown" : nearest.label;
  const words = !nearest ? "" : isTied ? `${nearest.label} and ${face.tied} are equally near: ${verdict.words}.`
    : face.known === false ? `The nearest, ${nearest.label}, is ${verdict.words}.` : verdict.words + ".";
  const end = barEnd(face.matches.map(match => match.distance), answer.threshold);
  const list = el("ol", { class: "matches" }, ...face.matches.map((match, place) => {
    const near = answer.threshold != null && match.distance < answer.threshold;
    return el("li", { class: "match" + (!near ? "" : place > 0 ? " also" : verdict.edge ? " near edge" : " near") },
      likeness(match.label, match.picture),
      el("span", { class: "name", textContent: match.label, title: match.label }),
      el("span", { class: "far", textContent: figure(match.distance) }),
      track(match.distance, answer.threshold, end));
  }));
  const card = el("article", { class: "card face " + verdict.kind },
    el("div", { class: "who" }, cutFace(picture.canvas, face.box),
      el("div", {}, el("strong", { textContent: (answer.faces.length > 1 ? index + 1 + ". " : "") + name }), el("span", { class: "chip " + verdict.kind, textContent: verdict.chip }))));
  if (words) card.append(el("p", { class: "quiet", textContent: words }));
  if (nearest) {
    card.append(list, el("p", { class: "key quiet" }, el("span", { class: "plain", textContent: "The longer, the nearer" }),
      answer.threshold != null ? el("span", { class: "mark-at", textContent: "threshold " + figure(answer.threshold) }) : null));
  }
  return card;
}

/** Faces to choose one of. */
function picks(picture, boxes, chosen, choose) {
  return boxes.map((box, index) => {
    const button = el("button", { type: "button", class: "pick", "aria-label": "Face " + (index + 1), onclick: () => choose(index) }, cutFace(picture, box));
    button.setAttribute("aria-pressed", String(index === chosen));
    return button;
  });
}

/** One form for the picture, whichever of its faces is meant. */
function enrolForm() {
  const { picture, answer, whole } = lastAsked;
  const boxes = answer.faces.map(face => face.box);
  const area = box => box.width * box.height;
  let chosen = boxes.reduce((best, box, index) => area(box) > area(boxes[best]) ? index : best, 0);
  const label = el("input", { type: "text", placeholder: "Name", maxLength: 80, "aria-label": "Name", autocomplete: "off", required: true });
  const consent = el("input", { type: "text", placeholder: "Consent, in words", maxLength: 500, "aria-label": "Consent", autocomplete: "off" });
  const until = el("input", { type: "date", "aria-label": "Expires", title: "From this day on the reference does not answer" });
  const secret = el("input", { type: "password", placeholder: "Token", "aria-label": "Token", autocomplete: "off" });
  const button = el("button", { class: "button", textContent: "Enrol" });
  const faces = el("div", { class: "picks", role: "group", "aria-label": "Which face" });
  const choose = index => {
    chosen = index;
    faces.replaceChildren(...picks(picture.canvas, boxes, chosen, choose));
  };
  if (boxes.length > 1) choose(chosen);
  const form = el("form", { class: "card enrol", id: "enrol" }, el("h2", { textContent: boxes.length > 1 ? "Enrol one of them" : "Enrol this face" }),
    boxes.length > 1 ? faces : null, el("div", { class: "row" }, label, token ? null : secret, button),
    el("details", {}, el("summary", { textContent: "Consent and expiry" }), el("div", { class: "row" }, consent, el("label", { class: "quiet" }, "until ", until))));
  form.addEventListener("submit", async event => {
    event.preventDefault();
    if (!token && secret.value) keepToken(secret.value.trim());
    button.disabled = true;
    try {
      const path = `/api/enrol?label=${encodeURIComponent(label.value)}&face=${chosen}` + (whole ? "&whole=1" : "")
        + (consent.value ? "&consent=" + encodeURIComponent(consent.value) : "") + (until.value ? "&expires=" + until.value : "");
      const enrolled = await api(path, { method: "POST", body: picture.blob, headers: {
        "Content-Type": "application/octet-stream", "Authorization": "Bearer " + (token || "") } });
      await refresh();
      await ask(lastAsked ? lastAsked.file : null, whole);
      notice("good", `${enrolled.label} is enrolled, with ${plural(enrolled.references, "reference")}.`, 6);
    } catch (problem) {
      if (problem.status === 401) {
        keepToken(null);
        if (!secret.isConnected) label.after(secret);
      }
      notice("bad", problem.message);
    } finally { button.disabled = false; }
  });
  return form;
}

// --- Compare

const pair = { a: null, b: null };

/** Nothing is left of a picture that cannot be used. */
function clear(side) {
  pair[side] = null;
  $(side + "-canvas").hidden = true;
  $(side + "-faces").hidden = true;
  $(side + "-drop").querySelector(".lead").textContent = side === "a" ? "First picture" : "Second picture";
}

async function put(side, file) {
  if (!file) return;
  clearNotice();
  $("verdict").hidden = true;
  try {
    const picture = await load(file);
    // -1: the largest, until somebody chooses.
    pair[side] = { ...picture, face: -1 };
    const canvas = $(side + "-canvas");
    canvas.hidden = !picture.canvas;
    $(side + "-faces").hidden = true;
    if (picture.canvas) drawStage(canvas, picture.canvas, picture.canvas, [], -1);
    $(side + "-drop").querySelector(".lead").textContent = file.name || "Picture";
    if (pair.a && pair.b) await compare(side);
  } catch (problem) {
    clear(side);
    notice("bad", problem.message);
  }
}

/** - side: the one that was put or changed last, and is to blame. */
async function compare(side) {
  const form = new FormData();
  form.append("a", pair.a.blob);
  form.append("b", pair.b.blob);
  const chosen = ["a", "b"].filter(side => pair[side].face >= 0).map(side => `face_${side}=${pair[side].face}`);
  const answer = await api("/api/verify" + (chosen.length ? "?" + chosen.join("&") : ""), { method: "POST", body: form });
  const verdict = standing(answer.distance, answer.threshold);
  for (const side of ["a", "b"]) showSide(side, answer, verdict);
  const card = $("verdict");
  const words = answer.same == null ? `${figure(answer.distance)} apart` : answer.same ? "The same" : "Different";
  card.className = "card verdict " + verdict.kind;
  card.replaceChildren(el("strong", { textContent: words }), el("span", { class: "chip " + verdict.kind, textContent: verdict.chip }),
    track(answer.distance, answer.threshold, barEnd([answer.distance], answer.threshold)),
    el("p", { class: "quiet", textContent: verdict.words.replace(" away", " apart") + "." }));
  card.hidden = false;
}

function showSide(side, answer, verdict) {
  const picture = pair[side].canvas, { boxes, face } = answer[side];
  const choose = async index => {
    pair[side].face = index;
    try { await compare(side); } catch (problem) { notice("bad", problem.message); }
  };
  const marked = boxes.map((box, index) => index === face ? { box, known: answer.same, edge: verdict.edge } : { box, dim: true });
  const canvas = $(side + "-canvas");
  const factor = picture ? drawStage(canvas, picture, answer[side], marked, -1) : 1;
  canvas.onclick = event => {
    const frame = canvas.getBoundingClientRect();
    const x = (event.clientX - frame.left) / frame.width * canvas.width / factor;
    const y = (event.clientY - frame.top) / frame.height * canvas.height / factor;
    const index = boxes.findIndex(box => x >= box.x && y >= box.y && x <= box.x + box.width && y <= box.y + box.height);
    if (index >= 0 && index !== face) choose(index);
  };
  const row = $(side + "-faces");
  row.hidden = boxes.length < 2;
  row.replaceChildren(...(boxes.length < 2 ? [] : picks(picture, boxes, face, choose)));
}

// --- Gallery

let shown = 0;

async function refresh() {
  try {
    gallery = await people("limit=24");
    showHere();
    $("summary").textContent = `${plural(gallery.people, "person", "people")}, ${plural(gallery.references, "reference")}, `
      + (gallery.threshold != null ? "threshold " + figure(gallery.threshold) : "no threshold");
  } catch (problem) {
    $("summary").textContent = "not connected";
    notice("bad", problem.message);
  }
  if (!$("people").hidden) await showPeople();
}

/** The first of the gallery's people under the question who it is. */
function showHere() {
  $("here-list").replaceChildren(...gallery.list.map(person => el("button", { type: "button", class: "tile", title: person.label, onclick: () => {
    $("search").value = person.label;
    show("people");
  } }, likeness(person.label, person.pictures[0]), el("span", { textContent: person.label }))));
  $("here-all").textContent = gallery.people > gallery.list.length ? `All ${number(gallery.people)}` : "The gallery";
  $("here").hidden = !gallery.people || !!lastAsked;
}

async function showPeople() {
  try {
    await Promise.all([pageOfPeople(0), showDistances()]);
    about();
  } catch (problem) { notice("bad", problem.message); }
}

const pageSize = 60;

/** One page of people; `first`: of the list that is searched. */
async function pageOfPeople(first) {
  const search = $("search").value;
  const answer = await people(`offset=${first}&limit=${pageSize}&search=${encodeURIComponent(search)}`);
  if (search !== $("search").value) return;
  // The last of a page may have been removed.
  if (!answer.list.length && first > 0) return pageOfPeople(Math.max(0, first - pageSize));
  shown = first;
  $("grid").replaceChildren(...answer.list.map(personCard));
  $("people-title").textContent = search ? plural(answer.found, "match", "matches") : plural(answer.people, "person", "people");
  const pages = Math.max(1, Math.ceil(answer.found / pageSize));
  $("pager").hidden = pages < 2;
  $("page").max = pages;
  $("page").value = Math.floor(first / pageSize) + 1;
  $("pages").textContent = `of ${number(pages)} (${number(first + 1)} to ${number(first + answer.list.length)})`;
  $("before").disabled = first === 0;
  $("next").disabled = first + answer.list.length >= answer.found;
}

/** A person's picture, or the first letter where none is kept. */
function likeness(label, picture) {
  return picture ? portrait(picture) : el("span", { class: "letter", "aria-hidden": "true", textContent: [...label][0] || "?" });
}

/** When they came, from where, what was agreed to, and until when. */
function origins(person) {
  const line = (text, kind = "quiet") => el("span", { class: kind, textContent: text });
  // A date stays on one line.
  const day = text => text.replaceAll("-", "\u2011");
  const lines = [];
  if (person.expired) lines.push(line(person.expired === person.references ? "expired: does not answer" : plural(person.expired, "reference has", "references have") + " expired", "chip stranger"));
  if (person.enrolled) lines.push(line("since " + day(person.enrolled)));
  if (person.expires) lines.push(line("until " + day(person.expires)));
  if (person.consent && person.consent.length) lines.push(line("consent: " + person.consent.join("; ")));
  if (person.sources && person.sources.length) lines.push(line("from " + person.sources.join("; ")));
  return lines;
}

function personCard(person) {
  const card = el("article", { class: "card person" }, likeness(person.label, person.pictures[0]),
    el("span", { class: "name" }, ...breakable(person.label)),
    el("span", { class: "quiet", textContent: plural(person.references, "reference") }), ...origins(person));
  if (person.pictures.length > 1) card.append(el("div", { class: "strip" }, ...person.pictures.slice(1).map(picture => portrait(picture))));
  if (gallery && gallery.enrolling && token) {
    card.append(el("button", { class: "button plain", textContent: "Remove\u00a0…", onclick: () => takeOut(person.label) }));
  }
  return card;
}

// --- Taking somebody out

/** The label stands in the body: one that was enrolled elsewhere may be longer than an address. */
const change = (what, label, more = {}) =>
  api(`/api/${what}`, { method: "POST", body: new URLSearchParams({ label, ...more }), headers: { "Authorization": "Bearer " + token } });

/** Shows one step of the dialog; the first of its buttons that is not dangerous has the focus. */
function step(title, parts, buttons) {
  $("out").replaceChildren(el("h2", { id: "out-title" }, ...breakable(title)), ...parts, el("div", { class: "row" }, ...buttons));
  if (!$("out").open) $("out").showModal();
  $("out").scrollTop = 0;
}
const leave = words => el("button", { class: "button", textContent: words, onclick: () => $("out").close() });

/** Does what a button asks for, and says in the dialog why not. */
async function attempt(button, work) {
  button.disabled = true;
  try { await work(); } catch (problem) {
    button.disabled = false;
    $("out").querySelectorAll(".notice").forEach(node => node.remove());
    $("out").append(el("p", { class: "notice bad", role: "alert", textContent: problem.message }));
  }
}

const places = (lines, word) => el("dl", { class: "places" }, ...lines.flatMap(line => [el("dt", { textContent: line.place }), el("dd", { textContent: line[word] })]));

/** Removing can be undone, forgetting cannot: which of them is meant. */
function takeOut(label) {
  const remove = el("button", { class: "button", textContent: "Remove", onclick: () => attempt(remove, async () => {
    await change("remove", label);
    $("out").close();
    await refresh();
    notice("good", `“${label}” is removed.`, 6);
  }) });
  const plan = el("button", { class: "button", textContent: "Forget\u00a0…", onclick: () => attempt(plan, async () => showPlan(await change("forget", label))) });
  const choice = (button, title, words) => el("div", { class: "choice" }, el("div", {}, el("strong", { textContent: title }), el("p", { class: "quiet", textContent: words })), button);
  step(`Take “${label}” out of the gallery?`, [
    choice(remove, "Remove", "They are nobody's answer any more. A gallery in a file keeps pictures and numbers, so that it can be undone."),
    choice(plan, "Forget for good", "Pictures, numbers and the lines of the journal go. First you see what goes and what stays."),
  ], [leave("Cancel")]);
}

/** What would go and what stays: asked once more. */
function showPlan(plan) {
  const sure = el("button", { class: "button danger", textContent: "Forget for good", onclick: () => attempt(sure, async () => {
    const done = await change("forget", plan.label, { sure: "1" });
    await refresh();
    step(`“${done.label}” is forgotten`, [el("h3", { textContent: "Gone" }), places(done.goes, "what"),
      el("h3", { textContent: "Stays, for you to look at" }), places(done.stays, "reason")], [leave("Close")]);
  }) });
  if (!plan.goes.length) {
    step(`Nothing of “${plan.label}” is held`, [el("h3", { textContent: "Stays, for you to look at" }), places(plan.stays, "reason")], [leave("Close")]);
    return;
  }
  step(`Forget “${plan.label}” for good?`, [el("h3", { textContent: "Goes, and cannot be brought back" }), places(plan.goes, "what"),
    el("h3", { textContent: "Stays, for you to look at" }), places(plan.stays, "reason")], [leave("Cancel"), sure]);
}

function about() {
  const rows = [["Finds faces by", gallery.finder], ["The network sees", `${gallery.input[1]} × ${gallery.input[2]} pixels, ${gallery.input[0] === 1 ? "gray" : "colour"}`],
    ["Prepared by", gallery.preparation], ...(gallery.expired ? [["Expired", plural(gallery.expired, "reference") + ", which do not answer"]] : []), ["Threshold", gallery.threshold != null ? figure(gallery.threshold) : "none"], ["From", gallery.calibration || "not calibrated"],
    ...(gallery.guarded ? [["Pictures", "shown to who opens the address with the token"]] : []),
    ["From this page", gallery.enrolling ? "people can be enrolled by who knows the token" : "nothing can be changed"]];
  $("about").replaceChildren(...rows.flatMap(([name, text]) => [el("dt", { textContent: name }), el("dd", { textContent: text })]));
}

let spread = null;

async function showDistances() {
  spread = await api("/api/distances");
  drawDistances();
}

function drawDistances() {
  if (!spread || $("people").hidden) return;
  const total = spread.samePairs + spread.differentPairs;
  $("spread").hidden = total === 0;
  if (!total) return;
  $("spread-words").textContent = `Distances between the gallery's own references`
    + (gallery && spread.references < gallery.references ? ` (a sample: ${number(spread.references)} of ${number(gallery.references)})` : "")
    + ", as shares of the pairs of a kind"
    + (spread.samePairs ? ": the further apart the two hills, the better it tells people apart." : ". With two or more references of a person, there is a second hill.");
  const holder = $("histogram");
  const width = Math.max(280, holder.clientWidth), height = 220, foot = 42, head = 14, side = 44;
  const node = svg("svg", { viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": "Histogram of distances" });
  const bins = spread.same.length, end = spread.from + bins * spread.width;
  const place = value => side + (value - spread.from) / (end - spread.from) * (width - side);
  // One scale for both: what share of its kind's pairs lies in a bar. There are far more different ones than same ones.
  const shares = (counts, pairs) => counts.map(count => pairs ? count / pairs : 0);
  const kinds = [["different", shares(spread.different, spread.differentPairs)], ["same", shares(spread.same, spread.samePairs)]];
  const most = Math.max(1e-9, ...kinds.flatMap(([, values]) => values));
  const step = (span, count) => {
    const rough = span / count, power = 10 ** Math.floor(Math.log10(rough));
    return power * [1, 2, 5, 10].find(factor => factor * power >= rough * .999);
  };
  const rise = step(most, 3), top = Math.ceil(most / rise - 1e-9) * rise;
  const level = share => height - foot - (height - foot - head) * share / top;
  for (let share = 0; share <= top * 1.001; share += rise) {
    node.append(svg("line", { class: "grid-line", x1: side, x2: width, y1: level(share), y2: level(share) }));
    node.append(svg("text", { x: side - 8, y: level(share) + 4, "text-anchor": "end" }, `${+(100 * share).toPrecision(3)} %`));
  }
  for (const [kind, values] of kinds) {
    values.forEach((share, index) => {
      if (!share) return;
      const wide = (width - side) / bins;
      node.append(svg("rect", { class: kind, x: side + index * wide + .5, y: level(share), width: Math.max(1, wide - 1), height: height - foot - level(share), rx: 1.5 }));
    });
  }
  node.append(svg("line", { class: "axis", x1: side, x2: width, y1: height - foot, y2: height - foot }));
  const run = step(end - spread.from, width < 480 ? 4 : 8);
  for (let value = spread.from; value <= end * 1.0001; value += run) {
    node.append(svg("line", { class: "axis", x1: place(value), x2: place(value), y1: height - foot, y2: height - foot + 4 }));
    node.append(svg("text", { x: place(value), y: height - foot + 17, "text-anchor": place(value) > width - 12 ? "end" : "middle" }, String(+value.toFixed(6))));
  }
  node.append(svg("text", { x: side + (width - side) / 2, y: height - 5, "text-anchor": "middle" }, "distance"));
  if (spread.threshold != null && spread.threshold <= end) {
    node.append(svg("line", { class: "at", x1: place(spread.threshold), x2: place(spread.threshold), y1: 0, y2: height - foot }));
  }
  const key = el("p", { class: "key quiet" });
  if (spread.samePairs) key.append(el("span", { class: "same", textContent: `the same (${plural(spread.samePairs, "pair")})` }));
  if (spread.differentPairs) key.append(el("span", { textContent: `different (${plural(spread.differentPairs, "pair")})` }));
  if (spread.threshold != null) key.append(el("span", { class: "mark-at", textContent: "threshold " + figure(spread.threshold) }));
  holder.replaceChildren(node, key);
}

// --- Tabs, dropping, pasting

const tabs = ["ask", "compare", "people"];

function show(name) {
  if (!$(name).hidden) return;
  for (const tab of tabs) {
    $(tab).hidden = tab !== name;
    $("tab-" + tab).setAttribute("aria-selected", String(tab === name));
    $("tab-" + tab).tabIndex = tab === name ? 0 : -1;
  }
  if (name === "people") showPeople();
}

tabs.forEach((tab, index) => {
  $("tab-" + tab).addEventListener("click", () => show(tab));
  $("tab-" + tab).addEventListener("keydown", event => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!step) return;
    const next = tabs[(index + step + tabs.length) % tabs.length];
    show(next);
    $("tab-" + next).focus();
  });
});

for (const id of ["ask-file", "ask-camera"]) {
  $(id).addEventListener("change", event => { ask(event.target.files[0]); event.target.value = ""; });
}
for (const side of ["a", "b"]) {
  $(side + "-file").addEventListener("change", event => { put(side, event.target.files[0]); event.target.value = ""; });
}

const sideUnder = target => target.closest && (target.closest("#a-drop") ? "a" : target.closest("#b-drop") ? "b" : null);
const hasFiles = event => event.dataTransfer && [...event.dataTransfer.types].includes("Files");
let inside = 0;
addEventListener("dragenter", event => {
  if (!hasFiles(event)) return;
  event.preventDefault();
  inside++;
  $("cover").hidden = !$("compare").hidden;
});
addEventListener("dragover", event => {
  if (!hasFiles(event)) return;
  event.preventDefault();
  for (const side of ["a", "b"]) $(side + "-drop").classList.toggle("over", sideUnder(event.target) === side);
});
const away = () => {
  inside = 0;
  $("cover").hidden = true;
  for (const side of ["a", "b"]) $(side + "-drop").classList.remove("over");
};
addEventListener("dragleave", () => { if (--inside <= 0) away(); });
addEventListener("drop", event => {
  if (!hasFiles(event)) return;
  event.preventDefault();
  const file = event.dataTransfer.files[0], side = sideUnder(event.target);
  away();
  if ($("compare").hidden) ask(file); else put(side || (pair.a ? "b" : "a"), file);
});
addEventListener("paste", event => {
  const file = [...(event.clipboardData ? event.clipboardData.files : [])].find(file => file.type.startsWith("image/"));
  if (!file) return;
  if ($("compare").hidden) ask(file); else put(pair.a ? "b" : "a", file);
});

let typing = 0;
$("search").addEventListener("input", () => {
  clearTimeout(typing);
  typing = setTimeout(() => pageOfPeople(0).catch(problem => notice("bad", problem.message)), 150);
});
$("here-all").addEventListener("click", () => show("people"));
const turn = first => pageOfPeople(Math.max(0, first)).catch(problem => notice("bad", problem.message));
$("before").addEventListener("click", () => turn(shown - pageSize));
$("next").addEventListener("click", () => turn(shown + pageSize));
$("page").addEventListener("change", event => turn((Math.min(+event.target.max, Math.max(1, Math.floor(+event.target.value) || 1)) - 1) * pageSize));
addEventListener("resize", drawDistances);
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => { if (lastAsked) showAnswer(); });
refresh();
