#!/usr/bin/env python3
"""Uses the page of a served gallery in a headless Chromium as a person would, and makes pictures of it.

page.py URL OUT PICTURE [PICTURE]: asks who is in the first picture, compares the two, looks at the gallery, searches, and, where the
address has the token, forgets somebody; at 1280 and 390 pixels, light and dark. Ends with 1 where the page reported an error, opened a dialog, loaded anything from elsewhere or is
wider than its window. Needs nothing but Python and Chromium (spoken to through a pipe).
"""
import base64, json, os, subprocess, sys, tempfile, time


class Browser:
    def __init__(self, program):
        to_read, to = os.pipe()
        fro, fro_write = os.pipe()
        self.folder = tempfile.TemporaryDirectory(prefix="twinbook-page-")
        command = [program, "--headless=new", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--no-first-run",
                   "--disable-dev-shm-usage", "--remote-debugging-pipe", "--user-data-dir=" + self.folder.name, "about:blank"]

        def descriptors():
            # The pipe's ends may stand at 3 and 4 themselves: out of the way first.
            a, b = os.dup(to_read), os.dup(fro_write)
            a, b = (os.dup(a), os.dup(b)) if {a, b} & {3, 4} else (a, b)
            os.dup2(a, 3)
            os.dup2(b, 4)

        self.process = subprocess.Popen(command, preexec_fn=descriptors, close_fds=False, stderr=subprocess.DEVNULL)
        os.close(to_read)
        os.close(fro_write)
        self.to, self.fro, self.rest, self.number, self.events = to, fro, b"", 0, []

    def _next(self):
        while b"\0" not in self.rest:
            piece = os.read(self.fro, 1 << 20)
            if not piece:
                raise SystemExit("page: the browser has gone")
            self.rest += piece
        message, self.rest = self.rest.split(b"\0", 1)
        return json.loads(message)

    def ask(self, method, session=None, **parameters):
        self.number += 1
        number = self.number
        message = {"id": number, "method": method, "params": parameters}
        if session:
            message["sessionId"] = session
        os.write(self.to, json.dumps(message).encode() + b"\0")
        while True:
            answer = self._next()
            if answer.get("id") == number:
                if "error" in answer:
                    raise SystemExit(f"page: {method}: {answer['error']['message']}")
                return answer["result"]
            self.events.append(answer)
            if answer.get("method") == "Page.javascriptDialogOpening":
                # The page stands still until somebody answers; main tells of it at the end.
                self.number += 1
                os.write(self.to, json.dumps({"id": self.number, "method": "Page.handleJavaScriptDialog", "params": {"accept": False},
                                              "sessionId": answer["sessionId"]}).encode() + b"\0")

    def close(self):
        try:
            self.ask("Browser.close")
        except (SystemExit, OSError):
            pass
        self.process.wait(timeout=20)
        self.folder.cleanup()


class Tab:
    def __init__(self, browser, url, width, height, scale, dark, touch):
        self.browser = browser
        target = browser.ask("Target.createTarget", url="about:blank")["targetId"]
        self.session = browser.ask("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ["Page", "Runtime", "Log", "Network", "DOM"]:
            self.ask(domain + ".enable")
        self.ask("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=scale, mobile=touch)
        self.ask("Emulation.setTouchEmulationEnabled", enabled=touch)
        self.ask("Emulation.setEmulatedMedia", features=[
            {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}])
        self.ask("Page.navigate", url=url)
        self.until("document.readyState === 'complete' && !document.getElementById('summary').textContent.includes('loading')")

    def ask(self, method, **parameters):
        return self.browser.ask(method, self.session, **parameters)

    def value(self, code):
        answer = self.ask("Runtime.evaluate", expression=code, returnByValue=True, awaitPromise=True)
        if "exceptionDetails" in answer:
            raise SystemExit(f"page: {code}: {answer['exceptionDetails'].get('text')}")
        return answer["result"].get("value")

    def until(self, code, seconds=120):
        end = time.monotonic() + seconds
        while not self.value(f"!!({code})"):
            if time.monotonic() > end:
                thrown = [event["params"]["exceptionDetails"]["exception"].get("description", "an exception")
                          for event in self.browser.events if event.get("method") == "Runtime.exceptionThrown"]
                raise SystemExit("\n".join([f"page: waited in vain for {code}"] + thrown))
            time.sleep(0.05)

    def choose(self, element, path):
        found = self.ask("Runtime.evaluate", expression=f"document.getElementById('{element}')")["result"]["objectId"]
        self.ask("DOM.setFileInputFiles", files=[os.path.abspath(path)], objectId=found)

    def click(self, element):
        self.value(f"document.getElementById('{element}').click()")

    def shoot(self, path, window=False):
        """All of the page; of the window alone what it shows, a dialog for example."""
        self.until("[...document.images].every(image => image.complete || image.loading === 'lazy')")
        size = self.ask("Page.getLayoutMetrics")["cssContentSize"]
        part = {} if window else {"captureBeyondViewport": True, "clip": {
            "x": 0, "y": 0, "width": size["width"], "height": min(size["height"], 4000), "scale": 1}}
        picture = self.ask("Page.captureScreenshot", format="png", **part)
        with open(path, "wb") as file:
            file.write(base64.b64decode(picture["data"]))


def look_through(tab, name):
    """Searches by name and turns to the last page of people; says how long each took, from the key to the picture."""
    def timed(what, begin, done):
        milliseconds = tab.value(f"""new Promise(end => {{
            const began = performance.now();
            {begin};
            const look = () => ({done}) ? end(performance.now() - began) : requestAnimationFrame(look);
            requestAnimationFrame(look);
        }})""")
        print("   ", what, round(milliseconds), "ms |", tab.value("document.getElementById('people-title').textContent"))

    title, grid = "document.getElementById('people-title').textContent", "document.getElementById('grid')"
    typed = "const box = document.getElementById('search'); box.value = {}; box.dispatchEvent(new Event('input'))"
    timed("search", typed.format("'7'"), title + ".includes('match')")
    tab.shoot(name.format("search"), window=True)
    timed("all again", typed.format("''"), f"!{title}.includes('match')")
    if tab.value("!document.getElementById('pager').hidden"):
        timed("last page", "const page = document.getElementById('page'), before = " + grid + ".firstChild; page.value = page.max; "
              "page.dispatchEvent(new Event('change'))", grid + ".firstChild !== before")
        tab.shoot(name.format("last"), window=True)


def take_out(tab, name, sure, troubles):
    """Goes through the steps of forgetting the last one in the gallery; to the end where it is sure."""
    tab.value("scrollTo(0, 0)")
    label = tab.value("[...document.querySelectorAll('#grid .person .name')].at(-1).textContent")
    tab.value("[...document.querySelectorAll('#grid .person')].at(-1).querySelector('button').click()")
    tab.until("document.getElementById('out').open")
    tab.shoot(name.format("remove"), window=True)
    tab.value("[...document.querySelectorAll('#out .choice button')].at(-1).click()")
    tab.until("document.querySelector('#out .danger')")
    tab.shoot(name.format("forget"), window=True)
    if tab.value("document.getElementById('out').scrollWidth > document.getElementById('out').clientWidth"):
        troubles.append("the dialog is wider than its frame")
    tab.value(f"document.querySelector('#out {'.danger' if sure else '.row button'}').click()")
    if not sure:
        tab.until("!document.getElementById('out').open")
        return
    tab.until("document.querySelector('#out h2').textContent.includes('is forgotten')")
    tab.shoot(name.format("forgotten"), window=True)
    if label in tab.value("[...document.querySelectorAll('#grid .person .name')].map(node => node.textContent)"):
        troubles.append(f"{label} is forgotten, and still there")


def main(url, out, pictures):
    program = next((p for p in ["chromium", "chromium-browser", "google-chrome"] if subprocess.call(
        ["which", p], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) == 0), None)
    if not program:
        raise SystemExit("page: Chromium is not installed: sudo apt-get install chromium")
    os.makedirs(out, exist_ok=True)
    browser = Browser(program)
    troubles = []
    try:
        for width, height, scale, touch in [(1280, 860, 1, False), (390, 844, 2, True)]:
            for dark in [False, True]:
                name = f"{out}/{{}}-{width}-{'dark' if dark else 'light'}.png"
                tab = Tab(browser, url, width, height, scale, dark, touch)
                tab.shoot(name.format("start"))
                tab.choose("ask-file", pictures[0])
                tab.until("document.querySelectorAll('#ask-faces .face').length > 0")
                tab.until("[...document.querySelectorAll('#ask-faces img')].every(image => image.complete)")
                print(width, "dark" if dark else "light", "|", tab.value(
                    "[...document.querySelectorAll('#ask-faces .who strong')].map(node => node.textContent).join(', ')"), "|",
                    tab.value("document.getElementById('ask-caption').textContent"))
                tab.shoot(name.format("ask"))
                tab.click("tab-compare")
                tab.choose("a-file", pictures[0])
                tab.until("!document.getElementById('a-canvas').hidden")
                tab.choose("b-file", pictures[-1])
                tab.until("!document.getElementById('verdict').hidden")
                tab.shoot(name.format("compare"))
                began = time.monotonic()
                tab.click("tab-people")
                tab.until("document.querySelectorAll('#grid .person').length > 0 && document.querySelector('#histogram svg, #spread[hidden]')")
                print("    gallery with its histogram", round(1000 * (time.monotonic() - began)), "ms")
                tab.until("[...document.querySelectorAll('#grid img')].slice(0, 8).every(image => image.complete)")
                tab.shoot(name.format("gallery"))
                if tab.value("document.documentElement.scrollWidth > innerWidth"):
                    troubles.append(f"at {width} pixels the page is wider than its window")
                look_through(tab, name)
                if "#token=" in url:
                    take_out(tab, name, width == 390 and dark, troubles)
        for event in browser.events:
            method, parameters = event.get("method"), event.get("params", {})
            if method == "Runtime.exceptionThrown":
                troubles.append(parameters["exceptionDetails"]["exception"].get("description", "an exception"))
            elif method == "Log.entryAdded" and parameters["entry"]["level"] == "error":
                troubles.append(parameters["entry"]["text"])
            elif method == "Page.javascriptDialogOpening":
                troubles.append("a dialog opened: " + parameters["message"])
            elif method == "Network.requestWillBeSent":
                address = parameters["request"]["url"]
                if not address.startswith((url.split("#")[0], "blob:", "data:", "about:")):
                    troubles.append("it asked elsewhere: " + address)
    finally:
        browser.close()
    for trouble in troubles:
        print("page:", trouble, file=sys.stderr)
    return 1 if troubles else 0


if __name__ == "__main__":
    if len(sys.argv) < 4:
        raise SystemExit(__doc__)
    sys.exit(main(sys.argv[1], sys.argv[2], sys.argv[3:]))
