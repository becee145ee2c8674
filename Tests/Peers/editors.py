"""Judges what stands in Editors/: the manifest and the package of the VS Code extension, and the colours of both grammars
beside those of the language itself. Called by Scripts/judge-editors.sh: editors.py STEP FOLDER.

The language's colours stand in the pages that `twinbook convert` writes. A grammar that knows less than the language would
colour a letter otherwise: every letter of every cell of the scripts is compared.
"""

import html
import json
import os
import re
import subprocess
import sys
import zipfile
from pathlib import Path
from xml.etree import ElementTree

root = Path(__file__).resolve().parents[2]
editor = root / "Editors/vscode"
program = os.environ["TWINBOOK"]
work = Path(sys.argv[2])


def require(condition, *words):
    if not condition:
        raise SystemExit("editors: " + " ".join(map(str, words)))


# --- The manifest, by the rules of VS Code's documentation for extension manifests and contribution points.


def manifest():
    package = json.loads((editor / "package.json").read_text())
    for key in ["name", "version", "publisher", "engines", "main", "contributes", "license", "description"]:
        require(package.get(key), "package.json has no", key)
    require(re.fullmatch(r"[a-z0-9][a-z0-9-]*", package["name"]), "name", package["name"])
    require(re.fullmatch(r"\^?\d+\.\d+\.\d+", package["engines"]["vscode"]), "engines.vscode")
    said = subprocess.run([program, "--version"], capture_output=True, text=True, check=True).stdout
    require(re.search(r"\d+\.\d+\.\d+", said).group() == package["version"], "the program is", said)
    parts = package["contributes"]
    commands = {command["command"] for command in parts["commands"]}
    require(all(command["title"] for command in parts["commands"]), "a command has no title")
    for place, entries in parts["menus"].items():
        require(all(entry["command"] in commands for entry in entries), place, "has a command that is not declared")
    languages = {language["id"] for language in parts["languages"]}
    files = [package["main"]] + [language["configuration"] for language in parts["languages"]]
    for grammar in parts["grammars"]:
        require(grammar["language"] in languages, "a grammar of no language")
        text = json.loads((editor / grammar["path"]).read_text())
        require(text["scopeName"] == grammar["scopeName"], "scopeName")
        files.append(grammar["path"])
    for file in files:
        require((editor / file).is_file(), "there is no", file)
    for language in parts["languages"]:
        settings = json.loads((editor / language["configuration"]).read_text())
        for rule in [*settings["indentationRules"].values(), *settings["folding"]["markers"].values()]:
            re.compile(rule)
        re.compile(language["firstLine"])
    subprocess.run([sys.executable, root / "Scripts/vsix.py", work / "twinbook.vsix"], check=True, capture_output=True)
    with zipfile.ZipFile(work / "twinbook.vsix") as archive:
        names = set(archive.namelist())
        require(archive.testzip() is None, "the package is broken")
        types = ElementTree.fromstring(archive.read("[Content_Types].xml"))
        known = {entry.get("Extension") for entry in types}
        require(all(Path(name).suffix in known for name in names - {"[Content_Types].xml"}), "a file without a type")
        listed = ElementTree.fromstring(archive.read("extension.vsixmanifest"))
        for asset in listed.iter("{*}Asset"):
            require(asset.get("Path") in names, "the package lacks", asset.get("Path"))
        for file in files:
            require("extension/" + file.removeprefix("./") in names, "the package lacks", file)
    print(f"manifest: {len(commands)} commands, {len(languages)} language, {len(names)} files in the package")


# --- Colours.


def cells():
    """The code of every cell of the scripts, with a letter for the class of each character as the language has it."""
    for script in sorted([*(root / "Scripts").glob("*.twin"), *(root / "Notebooks").glob("*.twin"),
                          Path(__file__).with_name("editors.twin")]):
        page = work / "page.html"
        subprocess.run([program, "convert", script, page], check=True, capture_output=True)
        for block in re.findall(r'<div class="in">.*?<pre><code>(.*?)</code></pre>', page.read_text(), re.S):
            text, classes = "", ""
            for kind, inside, plain in re.findall(r'<span class="(\w)">(.*?)</span>|([^<]+)', block, re.S):
                piece = html.unescape(inside or plain)
                text += piece
                classes += (kind or " ") * len(piece)
            yield script.name, text, classes
        page.unlink()


def compare(colours):
    """`colours` gives a list of classes for a list of texts; blanks have no colour."""
    told = list(cells())
    wrong = letters = 0
    for (name, text, expected), found in zip(told, colours([text for _, text, _ in told]), strict=True):
        require(len(found) == len(text), name, "was read otherwise")
        for place, letter in enumerate(text):
            if letter.isspace():
                continue
            letters += 1
            if found[place] != expected[place]:
                wrong += 1
                line = text.count("\n", 0, place)
                if wrong <= 20:
                    print(f"{name}: “{letter}” is {found[place]!r} for {expected[place]!r} in: {text.splitlines()[line]}")
    require(not wrong, wrong, "letters of", letters, "have another colour than in the language")
    print(f"{sys.argv[1]}: {letters:,} letters of {len(told)} cells have the language's colours")


def textmate():
    import logging

    logging.disable(logging.CRITICAL)
    from textmate_grammar.parsers.base import LanguageParser

    parser = LanguageParser(json.loads((editor / "syntaxes/twin.tmLanguage.json").read_text()))
    parser.initialize_repository() if hasattr(parser, "initialize_repository") else parser._initialize_repository()

    def kind(scopes):
        # What stands in the braces of a string is a part of the string to the language.
        for prefix, letter in [("string.quoted", "s"), ("comment", "c"), ("constant.numeric", "n"), ("keyword.control", "k"),
                               ("keyword.operator.word", "k"), ("constant.language", "k"), ("entity.name.function", "f")]:
            if any(scope.startswith(prefix) for scope in scopes):
                return letter
        return " "

    def colours(texts):
        for text in texts:
            rows = [[" "] * len(line) for line in text.split("\n")]
            # The first line is no header: what stands at the beginning of a cell stands anywhere in a file.
            element = parser.parse_string("\n" + text + "\n")
            for (row, column), piece, scopes in element.flatten() if element else []:
                for offset, letter in enumerate(piece):
                    if letter != "\n" and 0 < row <= len(rows):
                        rows[row - 1][column + offset] = kind(scopes)
            yield "\n".join("".join(row) for row in rows)

    compare(colours)


def vim():
    def colours(texts):
        listing = work / "cells.twin"
        # Cells stand apart, as in a script: a fault in one says nothing about the next.
        listing.write_text("".join(f"{text}\n# %%\n" for text in texts))
        script = work / "dump.vim"
        script.write_text(r"""
set nocompatible synmaxcol=0
syntax on
runtime syntax/twin.vim
syntax sync fromstart
let rows = []
for row in range(1, line('$'))
  let text = getline(row)
  let kinds = []
  for place in range(strchars(text))
    let stack = synstack(row, byteidx(text, place) + 1)
    call add(kinds, join(map(stack, 'synIDattr(v:val, "name") . "=" . synIDattr(synIDtrans(v:val), "name")'), ','))
  endfor
  call add(rows, json_encode(kinds))
endfor
call writefile(rows, 'rows.json')
qall!
""")
        environment = {**os.environ, "HOME": str(work), "TERM": "xterm"}
        subprocess.run(["vim", "-N", "-u", "NONE", "-i", "NONE", "-n", "--cmd", f"set runtimepath^={root}/Editors/vim",
                        "-S", script, listing], cwd=work, env=environment, check=True, capture_output=True, timeout=300,
                       stdin=subprocess.DEVNULL)
        rows = [json.loads(row) for row in (work / "rows.json").read_text().splitlines()]

        def kind(stack):
            groups = [part.split("=")[0] for part in stack.split(",")]
            if "twinString" in groups:
                return "s"
            return {"twinControl": "k", "twinOperatorWord": "k", "twinConstant": "k", "twinNumber": "n", "twinComment": "c",
                    "twinFunction": "f", "twinResult": "c", "twinMarker": "c"}.get(groups[-1], " ")

        place = 0
        for text in texts:
            count = text.count("\n") + 1
            yield "\n".join("".join(map(kind, row)) for row in rows[place:place + count])
            place += count + 1

    compare(colours)


{"manifest": manifest, "textmate": textmate, "vim": vim}[sys.argv[1]]()
