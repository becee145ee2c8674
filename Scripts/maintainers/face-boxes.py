"""Where dlib's detector frames a face that MTCNN found: the constants of FaceAligner.box.

Run by the environment of Scripts/judge-networks.sh: face-boxes.py FOLDER… (TWINBOOK names the program). Prints, over all
faces that both find, the side of dlib's square over √(width · height) of MTCNN's box, and its middle as shares of that box.
"""

import os
import subprocess
import sys
from pathlib import Path

import dlib
import numpy as np
from PIL import Image

files = [p for folder in sys.argv[1:] for p in sorted(Path(folder).rglob("*.*")) if p.suffix in (".jpg", ".png", ".pgm")]
code = "for f in " + str([str(f) for f in files]).replace("'", '"') + """ {
  try {
    for face in faces(f) { b = face.box; print(f, b.left, b.top, b.width, b.height) }
  } catch e { }
}"""
Path("/tmp/boxes.twin").write_text(code)
said = subprocess.run([os.environ["TWINBOOK"], "run", "/tmp/boxes.twin"], capture_output=True, text=True, check=True).stdout
found = {}
for line in said.splitlines():
    path, *numbers = line.rsplit(" ", 4)
    found.setdefault(path, []).append([float(n) for n in numbers])
detector = dlib.get_frontal_face_detector()
rows = []
for path, boxes in found.items():
    for d in detector(np.array(Image.open(path).convert("RGB")), 1):
        x, y, side = (d.left() + d.right()) / 2, (d.top() + d.bottom()) / 2, d.width()
        for left, top, width, height in boxes:
            u, v = (x - left) / width, (y - top) / height
            if 0.2 < u < 0.8 and 0.2 < v < 0.9 and 0.4 < side / (width * height) ** 0.5 < 2:
                rows.append((side / (width * height) ** 0.5, u, v))
rows = np.array(rows)
print(f"{len(rows)} faces: side {np.median(rows[:, 0]):.3f} ± {rows[:, 0].std():.3f}, "
      f"across {np.median(rows[:, 1]):.3f} ± {rows[:, 1].std():.3f}, down {np.median(rows[:, 2]):.3f} ± {rows[:, 2].std():.3f}")
