"""The parts of which the pages for people are made; everything that came in from outside is escaped here."""

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal
from html import escape
from pathlib import Path
from string import Template

from tests.providers.provider import WIB, moment
from tests.providers.web import Answer

STATIC = Path(__file__).parent / "static"
# fmt: off
_MONTHS = (
    "Januari", "Februari", "Maret", "April", "Mei", "Juni",
    "Juli", "Agustus", "September", "Oktober", "November", "Desember",
)
# fmt: on
_HEADERS = {
    # No form-action: it would also keep the browser from following the way back to the shop.
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; base-uri 'none'; frame-ancestors 'none'",
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
}


def page(title: str, provider: str, parts: Iterable[str], status: int = 200) -> Answer:
    """``parts`` are markup, ``title`` and ``provider`` plain."""
    layout = Template((STATIC / "layout.html").read_text(encoding="utf-8"))
    whole = layout.substitute(title=escape(title), provider=escape(provider), body="\n".join(parts))
    answer = Answer.html(whole, status)
    return Answer(status, answer.body, answer.headers | _HEADERS)


def style() -> Answer:
    return Answer(200, (STATIC / "simulator.css").read_bytes(), {"Content-Type": "text/css; charset=utf-8"})


def facts(rows: dict[str, str], amount: str) -> str:
    """What is to be paid; rows without a value are left out."""
    lines = [f"<dt>{escape(name)}</dt><dd>{escape(value)}</dd>" for name, value in rows.items() if value]
    return f'<dl>{"".join(lines)}<dt>Jumlah</dt><dd class="amount">{escape(amount)}</dd></dl>'


def message(text: str, kind: str = "") -> str:
    """``kind``: done, failed, or neither. Read out at once by screen readers where the page came of a button."""
    return f'<p class="message {kind}" role="status">{escape(text)}</p>'


def choices(legend: str, name: str, values: dict[str, str]) -> str:
    """The first is chosen."""
    lines = [
        f'<label class="choice"><input type="radio" name="{name}" value="{escape(value)}"{" checked" if first == 0 else ""}>'
        f" {escape(label)}</label>"
        for first, (value, label) in enumerate(values.items())
    ]
    return f"<fieldset><legend>{escape(legend)}</legend>{''.join(lines)}</fieldset>"


def form(parts: Iterable[str], buttons: dict[str, str]) -> str:
    """Posts to the page's own address; each button says its name as ``act``, and the first is what the page is for."""
    made = [f'<button name="act" value="{escape(act)}">{escape(label)}</button>' for act, label in buttons.items()]
    made[0] = made[0].replace("<button", '<button class="primary"', 1)
    return f'<form method="post">{"".join(parts)}<div class="buttons">{"".join(made)}</div></form>'


def link(address: str, label: str) -> str:
    return (
        f'<p><a href="{escape(address)}">{escape(label)}</a></p>'
        if address.startswith(("http://", "https://", "/"))
        else ""
    )


def rupiah(amount: str | int) -> str:
    whole, _point, cents = f"{Decimal(amount):,.2f}".replace(",", ".").rpartition(".")
    return f"Rp{whole}" if cents == "00" else f"Rp{whole},{cents}"


def when(kept: str) -> str:
    at: datetime = moment(kept).astimezone(WIB)
    return f"{at.day} {_MONTHS[at.month - 1]} {at.year}, {at:%H.%M} WIB"
