#!/usr/bin/env python3
"""Packs Editors/vscode as an extension that VS Code installs. Needs nothing but Python.

    Scripts/vsix.py [FILE.vsix]          default: twinbook.vsix

    code --install-extension twinbook.vsix
"""

import json
import sys
import zipfile
from pathlib import Path
from xml.sax.saxutils import escape, quoteattr

root = Path(__file__).resolve().parent.parent
folder = root / "Editors/vscode"
TYPES = {".json": "application/json", ".js": "application/javascript", ".md": "text/markdown", ".vsixmanifest": "text/xml"}


def manifest(package):
    """What VS Code's installer reads first; its namespaces are those of Visual Studio's packages."""
    properties = {
        "Microsoft.VisualStudio.Code.Engine": package["engines"]["vscode"],
        "Microsoft.VisualStudio.Code.ExtensionDependencies": ",".join(package["extensionDependencies"]),
    }
    lines = "\n".join(f"      <Property Id={quoteattr(k)} Value={quoteattr(v)}/>" for k, v in properties.items())
    return f"""<?xml version="1.0" encoding="utf-8"?>
<PackageManifest Version="2.0.0" xmlns="http://schemas.microsoft.com/developer/vsx-schema/2011">
  <Metadata>
    <Identity Language="en-US" Id={quoteattr(package["name"])} Version={quoteattr(package["version"])} \
Publisher={quoteattr(package["publisher"])}/>
    <DisplayName>{escape(package["displayName"])}</DisplayName>
    <Description xml:space="preserve">{escape(package["description"])}</Description>
    <Categories>{escape(",".join(package["categories"]))}</Categories>
    <Properties>
{lines}
    </Properties>
  </Metadata>
  <Installation><InstallationTarget Id="Microsoft.VisualStudio.Code"/></Installation>
  <Dependencies/>
  <Assets>
    <Asset Type="Microsoft.VisualStudio.Code.Manifest" Path="extension/package.json" Addressable="true"/>
  </Assets>
</PackageManifest>
"""


def main():
    target = Path(sys.argv[1] if len(sys.argv) > 1 else "twinbook.vsix")
    package = json.loads((folder / "package.json").read_text())
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    endings = sorted({path.suffix for path in files} | {".vsixmanifest"})
    types = "".join(f'<Default Extension="{ending}" ContentType="{TYPES[ending]}"/>' for ending in endings)
    parts = {
        "[Content_Types].xml": '<?xml version="1.0" encoding="utf-8"?>\n'
        f'<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">{types}</Types>\n',
        "extension.vsixmanifest": manifest(package),
    }
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in parts.items():
            archive.writestr(zipfile.ZipInfo(name), text)
        for path in files:
            archive.writestr(zipfile.ZipInfo(f"extension/{path.relative_to(folder)}"), path.read_bytes())
    print(target)


if __name__ == "__main__":
    main()
