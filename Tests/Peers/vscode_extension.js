// Runs the extension of Editors/vscode with a stand-in for VS Code: node vscode_extension.js PROGRAM SCRIPT.twin
// Opens the script as a notebook, saves that as a script, and does both once more over what is there.
const assert = require("assert");
const fs = require("fs");
const Module = require("module");
const path = require("path");

const [program, script] = process.argv.slice(2);
const folder = path.join(__dirname, "../../Editors/vscode");
const manifest = JSON.parse(fs.readFileSync(path.join(folder, "package.json")));
const commands = {}, opened = [], errors = [], asked = [];
const uri = (file) => ({ scheme: "file", fsPath: file });
const vscode = {
  Uri: { file: uri },
  workspace: {
    getConfiguration: (section) => ({ get: (name) => {
      assert(manifest.contributes.configuration.properties[`${section}.${name}`], `${section}.${name} is not declared`);
      return program;
    } }),
    fs: { stat: (target) => fs.promises.stat(target.fsPath) },
  },
  window: {
    activeTextEditor: { document: { uri: uri(script), save: async () => true } },
    activeNotebookEditor: { notebook: { uri: uri(script.replace(/twin$/, "ipynb")), save: async () => true } },
    showErrorMessage: (text) => { errors.push(text); },
    showWarningMessage: async (text, options, ...choices) => { asked.push(text); return choices[0]; },
    showTextDocument: async (target) => { opened.push(target.fsPath); },
  },
  commands: {
    registerCommand: (name, body) => { commands[name] = body; return { dispose() {} }; },
    executeCommand: async (name, target, viewer) => { opened.push(`${name} ${target.fsPath} ${viewer}`); },
  },
};
const load = Module._load;
Module._load = (name, ...rest) => (name === "vscode" ? vscode : load(name, ...rest));

(async () => {
  const before = fs.readFileSync(script);
  require(path.join(folder, manifest.main)).activate({ subscriptions: [] });
  assert.deepStrictEqual(Object.keys(commands).sort(), manifest.contributes.commands.map((c) => c.command).sort());
  for (let round = 0; round < 2; round += 1) {
    await commands["twinbook.openAsNotebook"]();
    await commands["twinbook.saveAsScript"]();
    assert.deepStrictEqual(errors, []);
    assert.deepStrictEqual(fs.readFileSync(script), before);
  }
  assert.deepStrictEqual(opened.length, 4);
  assert.deepStrictEqual(asked.length, 3);
  vscode.window.activeTextEditor = undefined;
  await commands["twinbook.openAsNotebook"]();
  assert.deepStrictEqual(errors.length, 1);
  console.log(`extension: ${Object.keys(commands).length} commands; a script to a notebook and back, twice, to the byte`);
})().catch((error) => { console.error(error); process.exit(1); });
