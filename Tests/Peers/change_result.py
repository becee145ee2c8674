"""Changes one figure of one result of a notebook."""

import re
import sys

import nbformat

notebook = nbformat.read(sys.argv[1], as_version=4)
for cell in notebook.cells:
    for output in cell.get("outputs", []):
        text = output.get("data", {}).get("text/plain", "")
        found = re.search(r"[0-8]", text)
        if found:
            place = found.start()
            output.data["text/plain"] = text[:place] + str(int(text[place]) + 1) + text[place + 1 :]
            nbformat.write(notebook, sys.argv[2])
            sys.exit(0)
sys.exit("no result has a figure")
