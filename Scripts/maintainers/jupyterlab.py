"""Works through notebooks in JupyterLab as a person would, in a headless Chromium, and takes pictures: jupyterlab.sh.

    jupyterlab.py ADDRESS CHROMIUM PICTURES NOTEBOOK…

Opens each notebook, runs all cells, completes with Tab, asks with Shift-Tab, interrupts an endless loop and restarts the
kernel; fails where what should appear does not. PICTURES gets a folder for each notebook.
"""

import sys
import time
from pathlib import Path

from playwright.sync_api import expect, sync_playwright

address, chromium, pictures, notebooks = sys.argv[1], sys.argv[2], Path(sys.argv[3]), sys.argv[4:]
WINDOW = {"width": 1280, "height": 860}
COMPLETER = ".jp-Completer:not(.lm-mod-hidden) .jp-Completer-item"


class Lab:
    """One notebook in one tab."""

    def __init__(self, browser, notebook):
        self.folder = pictures / Path(notebook).stem
        self.folder.mkdir(parents=True, exist_ok=True)
        self.page = browser.new_page(viewport=WINDOW)
        self.page.set_default_timeout(120_000)
        # Another workspace for each, or JupyterLab opens what was open before.
        self.page.goto(f"{address}/lab/workspaces/{Path(notebook).stem}/tree/{notebook}?reset")
        self.page.wait_for_selector(".jp-Notebook .jp-Cell")
        self.idle = self.page.locator('.jp-NotebookPanel-toolbar [data-status="idle"]').first
        self.busy = self.page.locator('.jp-NotebookPanel-toolbar [data-status="busy"]').first
        self.page.get_by_text("Twinbook | Idle").wait_for()
        question = self.page.get_by_role("button", name="No", exact=True)
        if question.count():
            question.click()
        # The folder's list takes a third of the window from what is to be seen.
        if self.page.locator(".jp-FileBrowser").is_visible():
            self.page.keyboard.press("Control+b")

    def picture(self, name):
        self.page.wait_for_timeout(500)
        self.page.screenshot(path=self.folder / f"{name}.png")

    def whole(self, name):
        """All cells in one picture: JupyterLab draws only those that the window shows, so the window grows."""
        for _ in range(3):
            height = self.page.evaluate("document.querySelector('.jp-WindowedPanel-inner').scrollHeight")
            self.page.set_viewport_size({"width": WINDOW["width"], "height": min(height + 200, 15_000)})
            self.page.wait_for_timeout(700)
            self.page.evaluate("document.querySelector('.jp-WindowedPanel-outer').scrollTop = 0")
        self.picture(name)
        self.page.set_viewport_size(WINDOW)
        self.page.wait_for_timeout(500)

    def command(self, menu, item):
        self.page.get_by_role("menuitem", name=menu, exact=True).click()
        self.page.get_by_role("menuitem", name=item).first.click()

    def run_all(self):
        began = time.monotonic()
        self.command("Run", "Run All Cells")
        self.page.wait_for_timeout(1000)
        self.idle.wait_for(timeout=900_000)
        return time.monotonic() - began

    @property
    def last(self):
        return self.page.locator(".jp-Cell").last

    def write(self, code, into_new=False):
        """Code in the last cell, or in a new one behind it."""
        if into_new:
            self.page.keyboard.press("Escape")
            self.page.locator(".jp-Notebook-footer").click()
            self.page.wait_for_timeout(300)
        self.last.locator(".cm-content").click()
        self.page.keyboard.press("Control+a")
        self.page.keyboard.press("Delete")
        self.page.keyboard.type(code)

    def run(self):
        self.page.keyboard.press("Control+Enter")

    def prints(self, words):
        expect(self.last.locator(".jp-OutputArea-output").last).to_contain_text(words)


def work_through(lab):
    lab.picture("1-opened")
    seconds = lab.run_all()
    failed = lab.page.locator('[data-mime-type="application/vnd.jupyter.error"]').count()
    lab.picture("2-end")
    lab.whole("2-run")
    shown = lab.page.locator(".jp-OutputArea-output img, .jp-OutputArea-output svg")
    figures = shown.count()
    lab.write("plot([1, 4, 9, 16])", into_new=True)
    lab.run()
    lab.last.locator(".jp-OutputArea-output img, .jp-OutputArea-output svg").first.wait_for()
    lab.picture("3-figure")
    lab.write("glyp", into_new=True)
    lab.page.keyboard.press("Tab")
    lab.page.wait_for_selector(COMPLETER)
    lab.page.keyboard.press("Enter")
    expect(lab.last.locator(".cm-content")).to_contain_text("glyphs")
    lab.write("glyphs(4, 3).s")
    lab.page.keyboard.press("Tab")
    lab.page.wait_for_selector(COMPLETER)
    lab.picture("4-tab")
    lab.page.keyboard.press("Escape")
    lab.write("glyphs")
    lab.page.keyboard.press("Shift+Tab")
    lab.page.wait_for_selector(".jp-Tooltip")
    lab.picture("5-shift-tab")
    lab.page.keyboard.press("Escape")
    lab.write("kept = 41\nwhile true { }")
    lab.run()
    lab.busy.wait_for()
    lab.command("Kernel", "Interrupt Kernel")
    lab.idle.wait_for(timeout=5_000)
    lab.picture("6-interrupted")
    lab.write("kept + 1", into_new=True)
    lab.run()
    lab.prints("42")
    lab.command("Kernel", "Restart Kernel…")
    lab.page.get_by_role("button", name="Confirm Kernel Restart").click()
    lab.page.wait_for_timeout(1500)
    lab.idle.wait_for()
    lab.write("kept")
    lab.run()
    lab.prints("error")
    lab.picture("7-restarted")
    return f"{seconds:6.1f} s, {figures} pictures, {failed} errors"


with sync_playwright() as playwright:
    browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
    for notebook in notebooks:
        lab = Lab(browser, notebook)
        print(f"{notebook}: {work_through(lab)}; {lab.folder}", flush=True)
        lab.command("Kernel", "Shut Down Kernel")
        lab.page.close()
    browser.close()
