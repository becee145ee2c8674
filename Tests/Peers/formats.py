"""nbformat validates every notebook in a folder; jupytext reads the scripts that were saved as .py, cell by cell."""

import pathlib
import sys

import jupytext
import nbformat

folder = pathlib.Path(sys.argv[1])
notebooks = sorted(folder.glob("*.ipynb"))
assert len(notebooks) >= 7, notebooks
for path in notebooks:
    notebook = nbformat.read(path, as_version=nbformat.NO_CONVERT)
    nbformat.validate(notebook)
    assert (notebook.nbformat, notebook.nbformat_minor) == (4, 5)
    # As nbformat itself writes it, to the byte.
    assert nbformat.writes(notebook) + "\n" == path.read_text(), path
    script = jupytext.read(path.with_suffix(".py"), fmt="py:percent")
    # The cell that sets the seed is Jupyter's alone: the script has the seed in its header.
    cells = [cell for cell in notebook.cells if not cell.metadata.get("twinbook", {}).get("seed")]
    assert len(notebook.cells) - len(cells) == (int(notebook.metadata.get("twinbook", {}).get("seed", 0)) != 0), path
    ours = [cell.cell_type for cell in cells]
    theirs = [cell.cell_type for cell in script.cells]
    # The header, which is not Jupytext's.
    if theirs[0] == "raw" and script.cells[0].source.startswith("---\ntwinbook"):
        theirs.pop(0)
    assert ours == theirs, (path, ours, theirs)
print(f"{len(notebooks)} notebooks are valid; jupytext reads as many scripts")
