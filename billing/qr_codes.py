"""QR codes as drawings for pages and papers, and as a picture to keep on a phone."""

import io
from dataclasses import dataclass
from functools import lru_cache
from itertools import groupby

import segno

# Light modules around the code, as ISO/IEC 18004 asks for.
QUIET_ZONE = 4
PIXELS_A_MODULE = 12


@dataclass(frozen=True)
class Drawing:
    """The code in units of one module: ``path`` is to be stroked one unit wide in a square of ``size``."""

    size: int
    path: str


def symbol(text: str) -> segno.QRCode:
    return segno.make_qr(text, error="M")


# Choosing the best of eight masks takes 20 ms; an invoice's page is looked at more than once.
@lru_cache(maxsize=500)
def drawing(text: str) -> Drawing:
    made = symbol(text)
    lines = []
    for y, row in enumerate(made.matrix, start=QUIET_ZONE):
        x = QUIET_ZONE
        for is_dark, run in groupby(row):
            length = len(list(run))
            if is_dark:
                lines.append(f"M{x} {y}.5h{length}")
            x += length
    return Drawing(made.symbol_size(border=QUIET_ZONE)[0], "".join(lines))


def png(text: str) -> bytes:
    written = io.BytesIO()
    symbol(text).save(written, kind="png", scale=PIXELS_A_MODULE, border=QUIET_ZONE)
    return written.getvalue()
