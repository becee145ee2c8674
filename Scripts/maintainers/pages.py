#!/usr/bin/env python3
"""Runs the code and the commands of documentation pages and writes what they give under them.

    Scripts/maintainers/pages.py PAGE.md…        (TWINBOOK= the program, default .build/release/twinbook)

The ```twin blocks of a page are the cells of one session, in order. In a ```console block each line that begins with "$ " is
a command of bash, run in a copy of the repository with an empty home; a line "…" under it stays, and stands for any lines. A
block whose first line begins with `# not run:` says why it is not run. PageExampleTests and PageCommandTests compare the pages
with what they say.
"""

import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

root = Path(__file__).resolve().parents[2]
program = os.path.abspath(os.environ.get("TWINBOOK", root / ".build/release/twinbook"))
twin = re.compile(r"```twin\n(.*?)```", re.S)
console = re.compile(r"```console\n(.*?)```", re.S)


def code(text):
    """Without its results."""
    return "\n".join(line for line in text.rstrip("\n").split("\n") if not line.startswith("#>"))


def with_results(name, text):
    cells = [match for match in twin.findall(text) if not match.startswith("# not run:")]
    if not cells:
        return text
    with tempfile.TemporaryDirectory() as folder:
        script = Path(folder, "page.twin")
        script.write_text("\n".join(f"# %% [allow-fail]\n{code(cell)}\n" for cell in cells))
        done = subprocess.run(
            [program], input=f"%run {script}\n%save! {script}\n", text=True, cwd=folder, capture_output=True)
        saved = script.read_text()
        if done.returncode:
            sys.exit(f"{name}: {done.stderr}")
    found = [part.split("\n", 1)[1].strip("\n") for part in re.split(r"(?m)^# %%", saved)[1:]]
    if len(found) != len(cells):
        sys.exit(f"{name}: {len(cells)} blocks, {len(found)} cells came back")
    rest = iter(found)
    print(f"{name}: {len(cells)} blocks")
    return twin.sub(
        lambda match: match.group(0) if match.group(1).startswith("# not run:") else f"```twin\n{next(rest)}\n```", text)


def with_outputs(name, text):
    if not console.search(text):
        return text
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        for part in ("bin", "home"):
            (folder / part).mkdir()
        (folder / "bin/twinbook").symlink_to(program)
        copy = folder / "copy"
        # .build and .git are not the project's, and large.
        shutil.copytree(root, copy, ignore=shutil.ignore_patterns(".build", ".git"))
        variables = {"PATH": f"{folder}/bin:{os.environ['PATH']}", "HOME": f"{folder}/home", "LANG": "C.UTF-8",
                     "NO_COLOR": "1"}

        def block(match):
            if match.group(1).startswith("# not run:"):
                return match.group(0)
            lines = []
            # Each command with the lines under it.
            for command, under in re.findall(r"(?m)^\$ (.*)\n((?:(?!\$ ).*\n)*)", match.group(1)):
                done = subprocess.run(
                    ["bash", "-c", command], cwd=copy, env=variables, text=True, stdout=subprocess.PIPE,
                    stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL)
                lines.append("$ " + command)
                kept = under.rstrip("\n").split("\n")
                lines += kept if "…" in kept else done.stdout.rstrip("\n").split("\n")
            print(f"{name}: {match.group(1).count(chr(10) + '$ ') + 1} commands")
            return "```console\n" + "\n".join(lines) + "\n```"

        return console.sub(block, text)


for name in sys.argv[1:]:
    page = Path(name)
    page.write_text(with_outputs(name, with_results(name, page.read_text())))
