"""Grids of a few colours as one element of an SVG: thousands of shapes would be slow to redraw."""

from __future__ import annotations

import base64
import struct
import zlib

import numpy as np
from numpy.typing import NDArray

from nlp4.errors import UserError

_MOST = 65_535  # bytes of a stored block: the cells, and one more for each row


def grid(
    left: float,
    top: float,
    width: float,
    height: float,
    shades: NDArray[np.uint8],
    colours: list[str],
) -> str:
    """Draw `shades` `(rows, columns)`, indices into `colours` (#rrggbb), as cells of one size.

    Raises UserError if an index has no colour, or if rows * (columns + 1) is above 65,535.
    """
    rows, columns = shades.shape
    if rows * (columns + 1) > _MOST:
        raise UserError(f"{rows:,} x {columns:,} cells are too many for one grid: pool them first")
    if shades.size and shades.max() >= len(colours):
        raise UserError(f"shade {shades.max()} has no colour: there are {len(colours)}")
    data = base64.b64encode(png(shades, colours)).decode("ascii")
    return (
        f"<image x='{left:.1f}' y='{top:.1f}' width='{width:.1f}' height='{height:.1f}' "
        "preserveAspectRatio='none' style='image-rendering:pixelated' "
        f"href='data:image/png;base64,{data}'/>"
    )


def png(shades: NDArray[np.uint8], colours: list[str]) -> bytes:
    """A PNG file with a palette, not compressed: the same bytes whatever zlib is installed.

    See the PNG specification (ISO/IEC 15948), and RFC 1951 section 3.2.4 for stored blocks.
    """
    rows, columns = shades.shape
    lines = np.zeros((rows, columns + 1), dtype=np.uint8)  # each begins with its filter: none
    lines[:, 1:] = shades
    raw = lines.tobytes()
    stored = b"\x01" + struct.pack("<HH", len(raw), len(raw) ^ 0xFFFF) + raw
    palette = b"".join(bytes.fromhex(colour.removeprefix("#")) for colour in colours)
    return b"".join(
        (
            b"\x89PNG\r\n\x1a\n",
            _chunk(b"IHDR", struct.pack(">IIBBBBB", columns, rows, 8, 3, 0, 0, 0)),
            _chunk(b"PLTE", palette),
            _chunk(b"IDAT", b"\x78\x01" + stored + struct.pack(">I", zlib.adler32(raw))),
            _chunk(b"IEND", b""),
        )
    )


def _chunk(kind: bytes, content: bytes) -> bytes:
    check = struct.pack(">I", zlib.crc32(kind + content))
    return struct.pack(">I", len(content)) + kind + content + check


def mixed(colour: str, share: float) -> str:
    """A colour (#rrggbb) over white, from 0 (white) to 1 (the colour)."""
    parts = bytes.fromhex(colour.removeprefix("#"))
    return "#" + "".join(f"{round(255 + share * (part - 255)):02x}" for part in parts)
