"""A session in a terminal as an SVG: types it into the program behind a pseudo-terminal and draws the last screen.

Usage: terminal.py FILE.svg            TWINBOOK names the program.
"""

import html
import os
import pty
import select
import struct
import sys
import tempfile
import termios
import time
import fcntl

import pyte

COLUMNS, ROWS = 100, 46
CELL_WIDTH, CELL_HEIGHT = 8.4, 17
INK, PAPER = "#d8dee4", "#15181c"
NAMES = {
    "black": "#3b4048", "red": "#e06c75", "green": "#7fbf6a", "brown": "#d0a95c", "blue": "#61afef",
    "magenta": "#c678dd", "cyan": "#56b6c2", "white": "#d8dee4", "default": INK,
}
SESSION = [
    "learn, strangers = glyphs(classes=60, each=20, seed=7).split(classes=50, seed=1)",
    "net = conv4(16) >> dense(64)",
    "loop = trainer(net, pairs(learn, 6000, seed=3), loss=contrastive(), optimizer=adam(0.002))",
    "loop.run(epochs=4)",
    "d = distances(net, strangers)",
    "plot(d)",
    "d",
]


class Terminal:
    def __init__(self, program):
        self.screen = pyte.Screen(COLUMNS, ROWS)
        self.stream = pyte.ByteStream(self.screen)
        self.home = tempfile.TemporaryDirectory()
        self.process, self.master = pty.fork()
        if self.process == 0:
            os.chdir(self.home.name)
            environment = {
                "PATH": os.environ["PATH"], "HOME": self.home.name, "TERM": "xterm-256color", "LANG": "C.UTF-8",
                "XDG_STATE_HOME": self.home.name, "XDG_CONFIG_HOME": self.home.name,
            }
            os.execve(program, [program], environment)
        fcntl.ioctl(self.master, termios.TIOCSWINSZ, struct.pack("HHHH", ROWS, COLUMNS, 0, 0))

    def read(self, until, limit=300):
        """Feeds the screen until `until` holds of it, and nothing more comes for a moment."""
        end = time.time() + limit
        while time.time() < end:
            ready, _, _ = select.select([self.master], [], [], 0.3)
            if ready:
                try:
                    data = os.read(self.master, 65536)
                except OSError:
                    return
                # Whether it draws pictures: this one does not.
                if b"\x1b[c" in data:
                    os.write(self.master, b"\x1b[?62;22c")
                self.stream.feed(data)
            elif until(self.screen):
                return
        raise SystemExit("terminal.py: the session did not get on:\n" + "\n".join(self.screen.display))

    def type(self, text):
        os.write(self.master, text.encode())

    def leave(self):
        """Ends the session, and waits until it has written what it leaves behind."""
        self.type("%quit\r")
        try:
            while os.read(self.master, 65536):
                pass
        except OSError:
            pass
        os.waitpid(self.process, 0)


def prompt(number):
    """The cursor stands behind the prompt of this cell."""
    return lambda screen: screen.display[screen.cursor.y].startswith(f"{number:3}> ") and screen.cursor.x == 5


def color(value, default):
    return default if value == "default" else NAMES.get(value, "#" + value)


def svg(screen):
    last = max(row for row in range(ROWS) if screen.display[row].strip())
    width, height = COLUMNS * CELL_WIDTH + 24, (last + 1) * CELL_HEIGHT + 48
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:g} {height:g}" width="{width:g}" height="{height:g}" '
        'font-family="DejaVu Sans Mono, Menlo, Consolas, monospace" font-size="14">',
        f'<rect width="{width:g}" height="{height:g}" rx="8" fill="{PAPER}"/>',
    ]
    for place, tint in enumerate(["#e06c75", "#d0a95c", "#7fbf6a"]):
        lines.append(f'<circle cx="{20 + 18 * place}" cy="18" r="5.5" fill="{tint}"/>')
    for row in range(last + 1):
        cells = screen.buffer[row]
        column = 0
        while column < COLUMNS:
            cell = cells[column]
            style = (cell.fg, cell.bg, cell.bold, cell.reverse)
            end = column
            while end < COLUMNS and (cells[end].fg, cells[end].bg, cells[end].bold, cells[end].reverse) == style:
                end += 1
            text = "".join(cells[place].data for place in range(column, end))
            x, y = 12 + column * CELL_WIDTH, 36 + row * CELL_HEIGHT
            ink, paper = color(cell.fg, INK), color(cell.bg, PAPER)
            if cell.reverse:
                ink, paper = paper, ink
            if paper != PAPER:
                lines.append(
                    f'<rect x="{x:g}" y="{y:g}" width="{(end - column) * CELL_WIDTH:g}" height="{CELL_HEIGHT}" fill="{paper}"/>')
            if text.strip():
                # Blocks fill their cells whatever the font; letters stand one in each cell.
                if all(letter in " ▁▂▃▄▅▆▇█" for letter in text):
                    for place, letter in enumerate(text):
                        part = " ▁▂▃▄▅▆▇█".index(letter) / 8 * CELL_HEIGHT
                        if part:
                            lines.append(
                                f'<rect x="{x + place * CELL_WIDTH:.2f}" y="{y + CELL_HEIGHT - part:.2f}" '
                                f'width="{CELL_WIDTH + 0.1:.2f}" height="{part:.2f}" fill="{ink}"/>')
                else:
                    weight = ' font-weight="bold"' if cell.bold else ""
                    length = (end - column) * CELL_WIDTH
                    lines.append(
                        f'<text x="{x:g}" y="{y + 13:g}" textLength="{length:g}" xml:space="preserve" fill="{ink}"{weight}>'
                        f"{html.escape(text)}</text>")
            column = end
    return "\n".join(lines + ["</svg>", ""])


def main():
    program = os.environ.get("TWINBOOK", ".build/release/twinbook")
    terminal = Terminal(os.path.abspath(program))
    terminal.read(prompt(1))
    for number, cell in enumerate(SESSION, 1):
        terminal.type(cell + "\r")
        terminal.read(prompt(number + 1))
    picture = svg(terminal.screen)
    terminal.leave()
    with open(sys.argv[1], "w", encoding="utf-8") as file:
        file.write(picture)


if __name__ == "__main__":
    main()
