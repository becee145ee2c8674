#!/usr/bin/env python3
"""Runs the code of documentation pages and writes what it gives under it.

    Scripts/maintainers/pages.py PAGE.md…        (TWINBOOK= the program, default .build/release/twinbook)

The ```twin blocks of a page are the cells of one session, in order. A block whose first line begins with `# not run:` says
why it is not run. Tests/SessionTests/PageExampleTests.swift compares the pages with what they say.
"""

import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

program = os.environ.get("TWINBOOK", ".build/release/twinbook")
block = re.compile(r"```twin\n(.*?)```", re.S)


def code(text):
    """Without its results."""
    return "\n".join(line for line in text.rstrip("\n").split("\n") if not line.startswith("#>"))


for name in sys.argv[1:]:
    page = Path(name)
    text = page.read_text()
    cells = [match for match in block.findall(text) if not match.startswith("# not run:")]
    with tempfile.TemporaryDirectory() as folder:
        script = Path(folder, "page.twin")
        script.write_text("\n".join(f"# %% [allow-fail]\n{code(cell)}\n" for cell in cells))
        done = subprocess.run(
            [os.path.abspath(program)], input=f"%run {script}\n%save! {script}\n", text=True, cwd=folder,
            capture_output=True)
        saved = script.read_text()
        if done.returncode:
            sys.exit(f"{name}: {done.stderr}")
    found = [part.split("\n", 1)[1].strip("\n") for part in re.split(r"(?m)^# %%", saved)[1:]]
    if len(found) != len(cells):
        sys.exit(f"{name}: {len(cells)} blocks, {len(found)} cells came back")
    rest = iter(found)
    page.write_text(
        block.sub(
            lambda match: match.group(0) if match.group(1).startswith("# not run:") else f"```twin\n{next(rest)}\n```",
            text))
    print(f"{name}: {len(cells)} blocks")
