"""Bar charts as numbers for an inline SVG: the server computes, the stylesheet colours, a table below says the same."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from decimal import ROUND_CEILING, Decimal

from django.utils.formats import get_format
from django.utils.translation import gettext as _

from catalog.money import ZERO, total_of

WIDTH, HEIGHT = 760, 280
LEFT, RIGHT, TOP, BOTTOM = 78, 8, 14, 30
STEPS = 4
# More do not fit side by side: then only every second or third is named.
MOST_LABELS = 12
# Of its slot.
BAR = Decimal("0.62")


@dataclass(frozen=True)
class Series:
    """``tone`` names the colour; values below zero hang under the line."""

    name: str
    tone: str
    values: Sequence[Decimal]


@dataclass(frozen=True)
class Bar:
    x: int
    y: int
    width: int
    height: int
    tone: str
    words: str


@dataclass(frozen=True)
class Mark:
    """A line across with what it stands for, or a word under a bar."""

    at: int
    words: str
    is_zero: bool = False


@dataclass(frozen=True)
class Chart:
    title: str
    series: Sequence[Series]
    bars: Sequence[Bar]
    lines: Sequence[Mark]
    labels: Sequence[Mark]
    width: int = WIDTH
    height: int = HEIGHT
    left: int = LEFT
    right_end: int = WIDTH - RIGHT
    label_line: int = HEIGHT - 10


def stacked(title: str, labels: Sequence[str], series: Sequence[Series]) -> Chart:
    """One bar for each label, its series on top of each other."""
    columns = list(zip(*(one.values for one in series), strict=True))
    highest = max((total_of(value for value in column if value > 0) for column in columns), default=ZERO)
    lowest = min((total_of(value for value in column if value < 0) for column in columns), default=ZERO)
    step = _step(highest - lowest)
    top, bottom = step * _up(highest / step), -step * _up(-lowest / step)
    top = top or step
    height = HEIGHT - TOP - BOTTOM

    def y(value: Decimal) -> int:
        return round(TOP + height * (top - value) / (top - bottom))

    slot = Decimal(WIDTH - LEFT - RIGHT) / max(len(labels), 1)
    marks, value = [], bottom
    while value <= top:
        marks.append(Mark(y(value), short_amount(value), value == 0))
        value += step
    middles = [round(LEFT + slot * number + slot / 2) for number in range(len(labels))]
    named = tuple(Mark(at, words) for at, words in zip(middles, labels, strict=True))
    return Chart(
        title,
        series,
        tuple(_bars(labels, columns, series, middles, round(slot * BAR), y)),
        tuple(marks),
        named[:: _up(Decimal(len(labels)) / MOST_LABELS) or 1],
    )


def _bars(
    labels: Sequence[str],
    columns: Sequence[Sequence[Decimal]],
    series: Sequence[Series],
    middles: Sequence[int],
    width: int,
    y: Callable[[Decimal], int],
) -> Iterator[Bar]:
    for label, column, middle in zip(labels, columns, middles, strict=True):
        above = below = ZERO
        for one, value in zip(series, column, strict=True):
            if not value:
                continue
            start = above if value > 0 else below
            high, low = y(max(start, start + value)), y(min(start, start + value))
            words = f"{label}, {one.name}: {short_amount(value)}"
            yield Bar(middle - width // 2, high, width, max(low - high, 1), one.tone, words)
            above, below = (above + value, below) if value > 0 else (above, below + value)


def _up(steps: Decimal) -> int:
    return int(steps.to_integral_value(ROUND_CEILING))


def _step(span: Decimal) -> Decimal:
    """A round number of which about ``STEPS`` fit into the span."""
    if not span:
        return Decimal(1)
    power = Decimal(10) ** ((span / STEPS).adjusted())
    return next(power * size for size in (1, 2, 5, 10) if span / (power * size) <= STEPS)


def short_amount(amount: Decimal) -> str:
    """``Rp1,2 jt``: for the side of a chart, where the whole number is in the table."""
    sign = "−" if amount < 0 else ""
    size = abs(Decimal(amount))
    for power, words in (
        (12, _("Rp%(number)s T")),
        (9, _("Rp%(number)s M")),
        (6, _("Rp%(number)s jt")),
        (3, _("Rp%(number)s rb")),
    ):
        if size >= Decimal(10) ** power:
            digits = f"{size.scaleb(-power).quantize(Decimal('0.1')).normalize():f}"
            return sign + words % {"number": digits.replace(".", get_format("DECIMAL_SEPARATOR"))}
    return f"{sign}Rp{size.normalize():f}"
