"""Works through a notebook in JupyterLab as a person would, in a headless Chromium, and takes pictures: jupyterlab.sh.

    jupyterlab.py ADDRESS NOTEBOOK PICTURES

Opens the notebook, runs all cells, completes with Tab, asks with Shift-Tab, interrupts an endless loop and restarts the
kernel; fails where what should appear does not.
"""

import sys
from pathlib import Path

from playwright.sync_api import expect, sync_playwright

address, notebook, pictures = sys.argv[1], sys.argv[2], Path(sys.argv[3])
chromium = sys.argv[4] if len(sys.argv) > 4 else "/usr/bin/chromium"
pictures.mkdir(parents=True, exist_ok=True)

with sync_playwright() as playwright:
    browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
    page = browser.new_page(viewport={"width": 1280, "height": 1000})
    page.set_default_timeout(120_000)
    page.goto(f"{address}/lab/tree/{notebook}?reset")
    page.wait_for_selector(".jp-Notebook .jp-Cell")
    idle = page.locator('.jp-NotebookPanel-toolbar [data-status="idle"]')
    busy = page.locator('.jp-NotebookPanel-toolbar [data-status="busy"]')
    page.get_by_text("Twinbook | Idle").wait_for()
    page.get_by_role("button", name="No", exact=True).click()

    def picture(name):
        page.wait_for_timeout(500)
        page.screenshot(path=pictures / f"{name}.png")
        print(pictures / f"{name}.png")

    def command(menu, *items):
        page.get_by_role("menuitem", name=menu, exact=True).click()
        for item in items:
            page.get_by_role("menuitem", name=item).first.click()

    picture("1-opened")
    command("Run", "Run All Cells")
    page.wait_for_timeout(1000)
    idle.first.wait_for(timeout=600_000)
    picture("2-run-end")
    page.locator(".jp-OutputArea-output img, .jp-OutputArea-output svg").first.scroll_into_view_if_needed()
    picture("3-figure")

    def last_cell():
        page.locator(".jp-Cell").last.locator(".cm-content").click()

    def add(code):
        """A new cell at the end."""
        page.locator(".jp-Notebook").press("Escape")
        page.keyboard.press("Escape")
        page.locator(".jp-Notebook-footer").click()
        page.wait_for_timeout(300)
        last_cell()
        page.keyboard.type(code)

    add("glyp")
    page.keyboard.press("Tab")
    page.wait_for_timeout(1500)
    picture("4-tab")
    page.keyboard.press("Escape")
    page.keyboard.press("Escape")
    last_cell()
    page.keyboard.press("Control+a")
    page.keyboard.type("glyphs")
    page.keyboard.press("Escape")
    last_cell()
    page.keyboard.press("End")
    page.keyboard.press("Shift+Tab")
    page.wait_for_selector(".jp-Tooltip")
    picture("5-shift-tab")
    page.keyboard.press("Escape")
    last_cell()
    page.keyboard.press("Control+a")
    page.keyboard.type("kept = 41\nwhile true { }")
    page.keyboard.press("Control+Enter")
    busy.first.wait_for()
    command("Kernel", "Interrupt Kernel")
    idle.first.wait_for(timeout=5_000)
    picture("6-interrupted")
    add("kept + 1")
    page.keyboard.press("Control+Enter")
    expect(page.locator(".jp-Cell").last.locator(".jp-OutputArea-output")).to_contain_text("42")
    command("Kernel", "Restart Kernel…")
    page.get_by_role("button", name="Confirm Kernel Restart").click()
    page.wait_for_timeout(1500)
    idle.first.wait_for()
    last_cell()
    page.keyboard.press("Control+a")
    page.keyboard.type("1 / \"a\"")
    page.keyboard.press("Control+Enter")
    expect(page.locator(".jp-Cell").last.locator(".jp-OutputArea-output")).to_contain_text("error")
    picture("7-restarted")
    browser.close()
