// A script's cells run in Twinbook's kernel as a notebook: the program converts it, and back again to the byte.
const { execFile } = require("child_process");
const vscode = require("vscode");

function convert(input, output) {
  const program = vscode.workspace.getConfiguration("twinbook").get("program");
  return new Promise((resolve, reject) =>
    execFile(program, ["convert", input, output], (error, _, words) =>
      error ? reject(new Error(words || `${program} cannot be started: ${error.message}`)) : resolve()));
}

async function run(file, ending, other, show) {
  if (!file || file.scheme !== "file" || !file.fsPath.endsWith(ending)) {
    return vscode.window.showErrorMessage(`Twinbook: this is no ${ending} file on this machine`);
  }
  const target = vscode.Uri.file(file.fsPath.slice(0, -ending.length) + other);
  try {
    const stands = await vscode.workspace.fs.stat(target).then(() => true, () => false);
    if (stands) {
      const answer = await vscode.window.showWarningMessage(`${target.fsPath} is there already.`, { modal: true }, "Replace");
      if (answer !== "Replace") return;
    }
    await convert(file.fsPath, target.fsPath);
    await show(target);
  } catch (error) {
    vscode.window.showErrorMessage(`Twinbook: ${error.message}`);
  }
}

exports.activate = (context) => {
  context.subscriptions.push(
    vscode.commands.registerCommand("twinbook.openAsNotebook", async () => {
      const document = vscode.window.activeTextEditor?.document;
      await document?.save();
      await run(document?.uri, ".twin", ".ipynb", (target) =>
        vscode.commands.executeCommand("vscode.openWith", target, "jupyter-notebook"));
    }),
    vscode.commands.registerCommand("twinbook.saveAsScript", async () => {
      const notebook = vscode.window.activeNotebookEditor?.notebook;
      await notebook?.save();
      await run(notebook?.uri, ".ipynb", ".twin", (target) => vscode.window.showTextDocument(target));
    }));
};
