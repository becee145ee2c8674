"""nbclient runs a notebook that was converted from a script; each cell's text has to be what the script has behind #>."""

import sys

import nbclient
import nbformat


def text(outputs):
    """A cell's result as Twinbook keeps it: without blanks at line ends and empty lines at its end."""
    result = ""

    def line(more):
        nonlocal result
        if result and not result.endswith("\n"):
            result += "\n"
        result += more + "\n"

    for output in outputs:
        if output.output_type == "stream":
            if output.name == "stdout":
                result += output.text
        elif output.output_type == "error":
            line("error: " + output.evalue)
        elif not output.get("metadata", {}).get("twinbook", {}).get("progress"):
            line(output.data["text/plain"])
    lines = [line.rstrip() for line in result.split("\n")]
    while lines and not lines[-1]:
        lines.pop()
    return "\n".join(lines)


recorded = nbformat.read(sys.argv[1], as_version=4)
run = nbformat.read(sys.argv[1], as_version=4)
for cell in run.cells:
    if cell.cell_type == "code":
        cell.outputs = []
nbclient.NotebookClient(run, kernel_name="twinbook", timeout=600).execute()
nbformat.validate(run)
nbformat.write(run, sys.argv[2])
compared = 0
for old, new in zip(recorded.cells, run.cells):
    if old.cell_type == "code":
        assert text(old.outputs) == text(new.outputs), (old.source, text(old.outputs), text(new.outputs))
        compared += 1
print(f"{sys.argv[1].rsplit('/', 1)[-1]}: {compared} cells give what stands behind #>")
