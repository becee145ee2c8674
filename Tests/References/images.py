"""Small picture files of every kind, and the pixels that Pillow reads from them, for Tests/ImagesTests/PillowTests.swift:

    python3 Tests/References/images.py > Tests/References/images.txt        (needs Pillow and NumPy)

Each line: name, width, height, channels, the greatest difference allowed, the file and its pixels in base64,
split by tabs. Transparent pixels are seen on white, as Twinbook sees them. Lines that begin with "resize" have no file:
they are the picture of `scene` at the size in the name, brought to the line's size by Pillow's BILINEAR; "align" is the
same of `drawing`, with its ink in the middle and of the spread in the name.
"""
import base64
import io
import struct
import zlib

import numpy as np
from PIL import Image, ImageOps


def scene(width, height, channels):
    y, x, c = np.mgrid[0:height, 0:width, 0:channels]
    return ((x * 37 + y * 91 + c * 53 + (x * y) % 17 * 11) % 256).astype(np.uint8)


def emit(name, data, pixels, tolerance=0):
    pixels = np.asarray(pixels, dtype=np.uint8)
    if pixels.ndim == 2:
        pixels = pixels[:, :, None]
    height, width, channels = pixels.shape
    print(name, width, height, channels, tolerance, base64.b64encode(data).decode() or "-",
          base64.b64encode(pixels.tobytes()).decode(), sep="\t")


def read(data, gray=None):
    image = Image.open(io.BytesIO(data))
    image.load()
    if image.mode in ("RGBA", "LA", "PA") or "transparency" in image.info:
        colour = image.mode not in ("LA", "L", "1")
        image = image.convert("RGBA")
        white = Image.new("RGBA", image.size, (255, 255, 255, 255))
        image = Image.alpha_composite(white, image).convert("RGB")
        if not colour:
            image = image.getchannel(0)
        return np.asarray(image)
    if image.mode.startswith("I"):
        return np.asarray(image).astype(np.float64)
    return np.asarray(image.convert("RGB" if image.mode in ("RGB", "P", "CMYK", "YCbCr") else "L"))


def png(samples, depth, colour, palette=None, transparency=None, interlace=False):
    """samples [height, width, channels] of whole numbers below 2^depth; a writer of its own, since Pillow's cannot do
    all of these."""
    height, width, channels = samples.shape

    def rows(part):
        out = b""
        for row in part:
            flat = row.reshape(-1)
            if depth == 16:
                packed = flat.astype(">u2").tobytes()
            elif depth == 8:
                packed = flat.astype(np.uint8).tobytes()
            else:
                bits = "".join(f"{int(v):0{depth}b}" for v in flat)
                bits += "0" * (-len(bits) % 8)
                packed = bytes(int(bits[i:i + 8], 2) for i in range(0, len(bits), 8))
            out += b"\0" + packed
        return out

    if interlace:
        passes = [(0, 0, 8, 8), (0, 4, 8, 8), (4, 0, 8, 4), (0, 2, 4, 4), (2, 0, 4, 2), (0, 1, 2, 2), (1, 0, 2, 1)]
        raw = b""
        for top, left, down, across in passes:
            part = samples[top::down, left::across]
            if part.shape[0] and part.shape[1]:
                raw += rows(part)
    else:
        raw = rows(samples)

    def chunk(kind, body):
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    out = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, interlace))
    if palette is not None:
        out += chunk(b"PLTE", bytes(palette))
    if transparency is not None:
        out += chunk(b"tRNS", bytes(transparency))
    return out + chunk(b"IDAT", zlib.compress(raw, 9)) + chunk(b"IEND", b"")


W, H = 13, 11
for interlace in (False, True):
    mark = " interlaced" if interlace else ""
    for depth in (1, 2, 4, 8, 16):
        gray = scene(W, H, 1).astype(np.uint32) * ((1 << depth) - 1) // 255
        data = png(gray, depth, 0, interlace=interlace)
        # Pillow keeps 16 bits; what is due is the nearest of 8.
        expected = np.round(gray / ((1 << depth) - 1) * 255)
        if depth <= 8:
            assert np.abs(read(data).astype(int) - expected[:, :, 0]).max() == 0, (depth, interlace)
        emit(f"PNG gray {depth} bit{mark}", data, expected, 1 if depth == 16 else 0)
    for depth in (1, 2, 4, 8):
        entries = scene(1 << min(depth, 5), 1, 3)[0]
        index = scene(W, H, 1).astype(np.uint32) % len(entries)
        data = png(index, depth, 3, palette=entries.tobytes(), interlace=interlace)
        emit(f"PNG palette {depth} bit{mark}", data, read(data))
    entries = scene(8, 1, 3)[0]
    data = png(scene(W, H, 1) % 8, 4, 3, palette=entries.tobytes(), transparency=[0, 128, 255, 30], interlace=interlace)
    emit(f"PNG palette transparent{mark}", data, read(data), 2)
    for depth in (8, 16):
        wide = 257 if depth == 16 else 1
        data = png(scene(W, H, 3).astype(np.uint32) * wide, depth, 2, interlace=interlace)
        emit(f"PNG RGB {depth} bit{mark}", data, scene(W, H, 3), 1 if depth == 16 else 0)
    data = png(scene(W, H, 2), 8, 4, interlace=interlace)
    emit(f"PNG gray and alpha{mark}", data, read(data), 2)
    data = png(scene(W, H, 4), 8, 6, interlace=interlace)
    emit(f"PNG RGB and alpha{mark}", data, read(data), 2)
data = png(scene(1, 1, 1), 8, 0)
emit("PNG one pixel", data, read(data))


def smooth(width, height, channels):
    y, x, c = np.mgrid[0:height, 0:width, 0:channels]
    return (127 + 80 * np.sin(x / 5 + c) + 40 * np.cos(y / 4 - c)).astype(np.uint8)


def jpeg(image, **settings):
    out = io.BytesIO()
    image.save(out, "JPEG", **settings)
    return out.getvalue()


gray = Image.fromarray(smooth(19, 14, 1)[:, :, 0])
colour = Image.fromarray(smooth(19, 14, 3))
for name, data in [
    ("JPEG gray", jpeg(gray, quality=90)), ("JPEG gray progressive", jpeg(gray, quality=80, progressive=True)),
    ("JPEG 4:4:4", jpeg(colour, quality=90, subsampling=0)), ("JPEG 4:2:2", jpeg(colour, quality=90, subsampling=1)),
    ("JPEG 4:2:0", jpeg(colour, quality=75, subsampling=2)), ("JPEG progressive", jpeg(colour, progressive=True)),
    ("JPEG optimised", jpeg(colour, optimize=True, quality=60)),
    ("JPEG restart markers", jpeg(colour, restart_marker_blocks=1)),
]:
    emit(name, data, read(data), 2)
inks = Image.fromarray(smooth(19, 14, 4), mode="CMYK")
data = jpeg(inks, quality=95)
emit("JPEG CMYK", data, read(data), 3)
for orientation in range(1, 9):
    exif = Image.Exif()
    exif[0x0112] = orientation
    data = jpeg(gray, quality=90, exif=exif)
    emit(f"JPEG orientation {orientation}", data, np.asarray(ImageOps.exif_transpose(Image.open(io.BytesIO(data)))), 2)

small = scene(7, 5, 1)[:, :, 0]
rgb = scene(7, 5, 3)
bits = (small > 127).astype(np.uint8)


def text(numbers):
    return " ".join(str(int(v)) for v in np.asarray(numbers).reshape(-1)).encode()


packed = b"".join(np.packbits(row).tobytes() for row in bits)
for name, data, tolerance in [
    ("PBM plain", b"P1\n# a remark\n7 5\n" + text(bits), 0),
    ("PBM plain without blanks", b"P1 7 5 " + text(bits).replace(b" ", b""), 0),
    ("PGM plain", b"P2\n7 5\n# and here\n255\n" + text(small), 0),
    ("PGM plain to 15", b"P2 7 5 15\n" + text(small // 17), 0),
    ("PPM plain", b"P3 7\n5\t255 " + text(rgb), 0),
    ("PBM", b"P4 7 5\n" + packed, 0), ("PGM", b"P5\n#x\n7 5 255\n" + small.tobytes(), 0),
    ("PGM to 100", b"P5 7 5 100\n" + (small % 101).tobytes(), 1), ("PPM", b"P6\n7 5\n255\n" + rgb.tobytes(), 0),
]:
    emit(name, data, read(data), tolerance)
wide = (small.astype(np.uint32) * 65535 // 255).astype(">u2")
emit("PGM 16 bit", b"P5 7 5 65535\n" + wide.tobytes(), small, 1)

for (width, height), (to_width, to_height), channels in [
    ((92, 112), (46, 56), 1), ((105, 105), (28, 28), 1), ((13, 11), (40, 31), 1), ((40, 31), (13, 11), 3),
    ((28, 28), (28, 20), 1), ((1, 1), (5, 4), 1), ((9, 7), (1, 1), 3), ((64, 3), (5, 12), 1), ((50, 40), (49, 41), 3),
]:
    source = scene(width, height, channels)
    image = Image.fromarray(source[:, :, 0] if channels == 1 else source)
    emit(f"resize {width} {height}", b"", np.asarray(image.resize((to_width, to_height), Image.BILINEAR)), 0)


def drawing(width, height, channels):
    """Grainy paper with a pattern of ink on a part of it."""
    y, x, c = np.mgrid[0:height, 0:width, 0:channels]
    ink = (x >= width // 5) & (x < width // 2) & (y >= height // 4) & (y < height * 4 // 5) & (x * y % 5 < 2)
    return np.where(ink, 20 + 15 * c, 230 + (x * 7 + y * 3) % 11 - 9 * c).astype(np.uint8)


def align(source, to_width, to_height, spread):
    """By moments: plain loops' worth of NumPy, then Pillow on a picture with a wide margin of paper."""
    height, width, channels = source.shape
    edge = np.concatenate([source[0], source[-1], source[1:-1, 0], source[1:-1, -1] if width > 1 else source[:0, 0]])
    paper = np.sort(edge, axis=0)[len(edge) // 2]
    image = Image.fromarray(source[:, :, 0] if channels == 1 else source)
    light = np.asarray(image.convert("L")).astype(int)
    rim = np.concatenate([light[0], light[-1], light[1:-1, 0], light[1:-1, -1] if width > 1 else light[:0, 0]])
    difference = np.abs(light - np.sort(rim)[len(rim) // 2])
    weight = np.maximum(0, difference - difference.max() / 4)
    y, x = np.nonzero(weight)
    w = weight[y, x] / weight.sum()
    middle_x, middle_y = (w * (x + 0.5)).sum(), (w * (y + 0.5)).sum()
    deviation = np.sqrt((w * ((x + 0.5 - middle_x) ** 2 + (y + 0.5 - middle_y) ** 2)).sum())
    reach_x = max(middle_x - x.min(), x.max() + 1 - middle_x)
    reach_y = max(middle_y - y.min(), y.max() + 1 - middle_y)
    scale = min(spread * min(to_width, to_height) / max(deviation, 0.057 * min(width, height)),
                0.482 * to_width / reach_x, 0.482 * to_height / reach_y)
    margin = 3 * max(width, height)
    wide = Image.new(image.mode, (width + 2 * margin, height + 2 * margin), tuple(paper) if channels > 1 else int(paper[0]))
    wide.paste(image, (margin, margin))
    left, top = margin + middle_x - to_width / scale / 2, margin + middle_y - to_height / scale / 2
    return wide.resize((to_width, to_height), Image.BILINEAR,
                       box=(left, top, left + to_width / scale, top + to_height / scale))


for (width, height), (to_width, to_height), spread, channels in [
    ((105, 105), (28, 28), 0.295, 1), ((60, 40), (28, 28), 0.295, 1), ((40, 90), (32, 20), 0.2, 1),
    ((30, 30), (64, 48), 0.4, 3), ((12, 9), (28, 28), 0.1, 1), ((105, 105), (28, 28), 0.5, 3),
]:
    made = align(drawing(width, height, channels), to_width, to_height, spread)
    emit(f"align {width} {height} {spread}", b"", np.asarray(made), 1)
