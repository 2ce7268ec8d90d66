#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""screen.py FRAMEBUFFER grey X Y | blue X Y | bars X | png FILE: whether the point on Xvfb's screen is of a middle grey, which
is what browsers shade a page with while they ask about it, or of the light blue with which they mark a row; the colours of
the bars above LibreOffice's page, from above, as they are seen at X; or the screen as a picture."""

import struct
import sys
import zlib


class Screen:
    """What Xvfb keeps in a file of the XWD format: a header of 32-bit words, a list of colours, the points."""

    def __init__(self, path):
        with open(path, "rb") as file:
            content = file.read()
        words = struct.unpack(">25I", content[:100])
        self.width, self.height, self.line_size = words[4], words[5], words[12]
        self.points = content[words[0] + 12 * words[19]:]

    def line(self, y):
        """Red, green and blue of each point; the file has blue first, and a byte more."""
        row = self.points[y * self.line_size:][:4 * self.width]
        line = bytearray(3 * self.width)
        line[0::3], line[1::3], line[2::3] = row[2::4], row[1::4], row[0::4]
        return bytes(line)

    def is_grey(self, x, y):
        point = self.line(y)[3 * x:3 * x + 3]
        return max(point) - min(point) < 8 and 60 < point[0] < 180

    def is_blue(self, x, y):
        red, _, blue = self.line(y)[3 * x:3 * x + 3]
        return blue > 200 and 20 < blue - red < 80

    def bars(self, x):
        """The light colours of strips that are at least ten points high, below the menus and above the page."""
        colours, last, height = [], None, 0
        for y in range(100, 230):
            red, green, blue = self.line(y)[3 * x:3 * x + 3]
            colour = ("blue" if blue - red > 40 else "red" if red - green > 40 else
                      "yellow" if green - blue > 40 and red > 240 else None)
            height = height + 1 if colour == last else 1
            last = colour
            if colour and height == 10:
                colours.append(colour)
        return colours

    def png(self):
        def chunk(kind, data):
            return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        lines = b"".join(b"\0" + self.line(y) for y in range(self.height))
        header = struct.pack(">IIBBBBB", self.width, self.height, 8, 2, 0, 0, 0)
        return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(lines, 9))
                + chunk(b"IEND", b""))


def main():
    screen = Screen(sys.argv[1])
    if sys.argv[2] in ("grey", "blue"):
        is_so = screen.is_grey if sys.argv[2] == "grey" else screen.is_blue
        return 0 if is_so(int(sys.argv[3]), int(sys.argv[4])) else 1
    if sys.argv[2] == "bars":
        print(*screen.bars(int(sys.argv[3])))
        return 0
    with open(sys.argv[3], "wb") as file:
        file.write(screen.png())
    return 0


if __name__ == "__main__":
    sys.exit(main())
