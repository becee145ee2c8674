extension Page {
  /// Whatever comes from the gallery or a file is set as text, never as markup.
  static let script = #"""
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

    class Problem extends Error {
      constructor(answer, status) {
        super(answer.reason + (answer.remedy ? ": " + answer.remedy : ""));
        this.code = answer.error;
        this.status = status;
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
    const plural = (count, one, many) => count + " " + (count === 1 ? one : many || one + "s");
    const percent = share => share > .995 ? "> 99 %" : share < .005 ? "< 1 %" : Math.round(100 * share) + " %";
    const figure = value => value.toFixed(4);

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
        context.lineWidth = index === lit ? thick * 2 : thick;
        context.strokeStyle = colors.getPropertyValue(face.known ? "--good" : face.known === false ? "--bad" : "--accent");
        context.strokeRect(left, top, right - left, bottom - top);
        for (const point of face.landmarks || []) {
          context.beginPath();
          context.arc(point.x * factor, point.y * factor, thick * 1.2, 0, 7);
          context.fillStyle = context.strokeStyle;
          context.fill();
        }
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

    /** A bar as long as the distance, with a mark at the threshold. */
    function track(distance, threshold, end) {
      const bar = el("i"), node = el("div", { class: "track" }, bar);
      bar.style.width = Math.max(1.5, Math.min(100, 100 * distance / end)) + "%";
      if (threshold != null && threshold <= end) {
        const mark = el("b", { title: "threshold " + figure(threshold) });
        mark.style.left = 100 * threshold / end + "%";
        node.append(mark);
      }
      return node;
    }

    const barEnd = (distances, threshold) => Math.max(1e-9, (threshold || 0) * 1.5, ...distances);

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
        if (turn === asked) notice("bad", problem.message);
      } finally {
        if (turn === asked) drop.classList.remove("busy");
      }
    }

    function showAnswer() {
      const { picture, answer, whole } = lastAsked;
      $("ask-drop").classList.add("compact");
      $("ask-drop").querySelector(".lead").textContent = "Another picture?";
      $("ask-result").hidden = false;
      const canvas = $("ask-canvas");
      const light = index => {
        drawStage(canvas, picture.canvas, answer, answer.faces, index);
        [...$("ask-faces").children].forEach((card, place) => card.classList.toggle("lit", place === index && answer.faces.length > 1));
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
      }
    }

    function faceCard(face, index) {
      const { picture, answer } = lastAsked;
      const nearest = face.matches[0];
      let name, chip, kind;
      if (!nearest) [name, chip, kind] = ["Nobody is here yet", "the gallery is empty", ""];
      else if (face.known) [name, chip, kind] = [face.label, "nearer than the threshold", "good"];
      else if (face.known === false) [name, chip, kind] = ["Unknown", "nobody is near enough", "bad"];
      else [name, chip, kind] = [nearest.label, "the nearest; the gallery has no threshold", ""];
      const end = barEnd(face.matches.map(match => match.distance), answer.threshold);
      const list = el("ol", { class: "matches" }, ...face.matches.map(match => el("li", { class: "match" + (answer.threshold != null && match.distance < answer.threshold ? " near" : "") },
        el("img", { src: match.picture, alt: "", loading: "lazy" }),
        el("span", { class: "name", textContent: match.label, title: match.label }),
        el("span", { class: "far", textContent: figure(match.distance) + (match.probability != null ? " · " + percent(match.probability) : "") }),
        track(match.distance, answer.threshold, end))));
      const card = el("article", { class: "card face" },
        el("div", { class: "who" }, cutFace(picture.canvas, face.box),
          el("div", {}, el("strong", { textContent: (answer.faces.length > 1 ? index + 1 + ". " : "") + name }), el("span", { class: "chip " + kind, textContent: chip }))),
        list);
      if (nearest) {
        card.append(el("p", { class: "key quiet" }, el("span", { class: "same", textContent: "near enough" }), el("span", { textContent: "too far" }),
          answer.threshold != null ? el("span", { class: "mark-at", textContent: "threshold " + figure(answer.threshold) }) : null));
      }
      if (gallery && gallery.enrolling) card.append(enrolForm(index, answer.faces.length));
      return card;
    }

    function enrolForm(index) {
      const label = el("input", { type: "text", placeholder: "Name", maxLength: 80, "aria-label": "Name", autocomplete: "off", required: true });
      const secret = el("input", { type: "password", placeholder: "Token", "aria-label": "Token", autocomplete: "off" });
      const button = el("button", { class: "button", textContent: "Enrol" });
      const form = el("form", { class: "enrol row" }, label, token ? null : secret, button);
      form.addEventListener("submit", async event => {
        event.preventDefault();
        if (!token && secret.value) keepToken(secret.value.trim());
        button.disabled = true;
        try {
          const { picture, whole } = lastAsked;
          const path = `/api/enrol?label=${encodeURIComponent(label.value)}&face=${index}` + (whole ? "&whole=1" : "");
          const answer = await api(path, { method: "POST", body: picture.blob, headers: {
            "Content-Type": "application/octet-stream", "Authorization": "Bearer " + (token || "") } });
          notice("good", `${answer.label} is enrolled, with ${plural(answer.references, "reference")}.`, 6);
          await refresh();
          await ask(lastAsked.file, whole);
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

    async function put(side, file) {
      if (!file) return;
      clearNotice();
      $("verdict").hidden = true;
      try {
        const picture = await load(file);
        pair[side] = picture;
        const canvas = $(side + "-canvas");
        canvas.hidden = false;
        if (picture.canvas) drawStage(canvas, picture.canvas, picture.canvas, [], -1);
        $(side + "-drop").querySelector(".lead").textContent = file.name || "Picture";
        if (pair.a && pair.b) await compare();
      } catch (problem) { notice("bad", problem.message); }
    }

    async function compare() {
      const form = new FormData();
      form.append("a", pair.a.blob);
      form.append("b", pair.b.blob);
      const answer = await api("/api/verify", { method: "POST", body: form });
      for (const side of ["a", "b"]) {
        if (pair[side].canvas) drawStage($(side + "-canvas"), pair[side].canvas, answer[side], [{ box: answer[side].box, known: answer.same }], -1);
      }
      const verdict = $("verdict");
      const words = answer.same == null ? "The gallery has no threshold" : answer.same ? "The same" : "Different";
      verdict.classList.toggle("near", answer.same === true);
      verdict.replaceChildren(el("strong", { textContent: words }),
        track(answer.distance, answer.threshold, barEnd([answer.distance], answer.threshold)),
        el("p", { class: "quiet", textContent: `${figure(answer.distance)} apart`
          + (answer.threshold != null ? `, threshold ${figure(answer.threshold)}` : "")
          + (answer.probability != null ? `, the same with a probability of ${percent(answer.probability)}` : "") }));
      verdict.hidden = false;
    }

    // --- Gallery

    let shown = 0;

    async function refresh() {
      try {
        gallery = await api("/api/gallery?limit=1");
        $("summary").textContent = `${plural(gallery.people, "person", "people")}, ${plural(gallery.references, "reference")}, `
          + (gallery.threshold != null ? "threshold " + figure(gallery.threshold) : "no threshold");
      } catch (problem) {
        $("summary").textContent = "not connected";
        notice("bad", problem.message);
      }
      if (!$("people").hidden) await showPeople();
    }

    async function showPeople() {
      try {
        await Promise.all([morePeople(true), showDistances()]);
        about();
      } catch (problem) { notice("bad", problem.message); }
    }

    async function morePeople(anew) {
      if (anew) shown = 0;
      const search = $("search").value;
      const answer = await api(`/api/gallery?offset=${shown}&limit=60&search=${encodeURIComponent(search)}`);
      if (search !== $("search").value) return;
      const cards = answer.list.map(personCard);
      anew ? $("grid").replaceChildren(...cards) : $("grid").append(...cards);
      shown += cards.length;
      $("people-title").textContent = search ? plural(answer.found, "match", "matches") : plural(answer.people, "person", "people");
      $("more").hidden = shown >= answer.found;
    }

    function personCard(person) {
      const card = el("article", { class: "card person" }, el("img", { src: person.pictures[0], alt: "", loading: "lazy" }),
        el("span", { class: "name" }, ...breakable(person.label)),
        el("span", { class: "quiet", textContent: plural(person.references, "reference") }));
      if (person.pictures.length > 1) card.append(el("div", { class: "strip" }, ...person.pictures.slice(1).map(picture => el("img", { src: picture, alt: "", loading: "lazy" }))));
      if (gallery && gallery.enrolling && token) {
        card.append(el("button", { class: "button plain", textContent: "Remove", onclick: async () => {
          if (!confirm(`Remove ${person.label} from the gallery?`)) return;
          try {
            await api("/api/remove?label=" + encodeURIComponent(person.label), { method: "POST", headers: { "Authorization": "Bearer " + token } });
            await refresh();
          } catch (problem) { notice("bad", problem.message); }
        } }));
      }
      return card;
    }

    function about() {
      const rows = [["Finds faces by", gallery.finder], ["The network sees", `${gallery.input[1]} × ${gallery.input[2]} pixels, ${gallery.input[0] === 1 ? "gray" : "colour"}`],
        ["Prepared by", gallery.preparation], ["Threshold", gallery.threshold != null ? figure(gallery.threshold) : "none"], ["From", gallery.calibration || "not calibrated"],
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
        + (gallery && spread.references < gallery.references ? ` (${spread.references} of them)` : "")
        + (spread.samePairs ? ": the further apart the two hills, the better it tells people apart." : ". With two or more references of a person, there is a second hill.");
      const holder = $("histogram");
      const width = Math.max(280, holder.clientWidth), height = 190, foot = 40, head = 12;
      const node = svg("svg", { viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": "Histogram of distances" });
      const bins = spread.same.length, end = spread.from + bins * spread.width;
      const place = value => (value - spread.from) / (end - spread.from) * width;
      const draw = (counts, pairs, kind) => {
        if (!pairs) return;
        const most = Math.max(...counts);
        counts.forEach((count, index) => {
          if (!count) return;
          const tall = (height - foot - head) * count / most;
          node.append(svg("rect", { class: kind, x: index * width / bins + .5, y: height - foot - tall, width: Math.max(1, width / bins - 1), height: tall, rx: 1.5 }));
        });
      };
      draw(spread.different, spread.differentPairs, "different");
      draw(spread.same, spread.samePairs, "same");
      node.append(svg("line", { class: "axis", x1: 0, x2: width, y1: height - foot, y2: height - foot }));
      const ticks = width < 480 ? 3 : 5;
      for (let tick = 0; tick <= ticks; tick++) {
        const value = spread.from + (end - spread.from) * tick / ticks;
        node.append(svg("text", { x: place(value), y: height - foot + 16, "text-anchor": tick === 0 ? "start" : tick === ticks ? "end" : "middle" }, value.toFixed(2)));
      }
      node.append(svg("text", { x: width / 2, y: height - 6, "text-anchor": "middle" }, "distance"));
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
      typing = setTimeout(() => morePeople(true).catch(problem => notice("bad", problem.message)), 150);
    });
    $("more").addEventListener("click", () => morePeople(false).catch(problem => notice("bad", problem.message)));
    addEventListener("resize", drawDistances);
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => { if (lastAsked) showAnswer(); });
    refresh();

    """#
}
