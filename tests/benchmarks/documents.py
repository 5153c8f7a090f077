"""What the shop adds to the making of a PDF."""

import statistics
import time
from collections.abc import Callable

from django.template.loader import render_to_string
from weasyprint import HTML

from billing import pdf
from billing.models import Invoice

RUNS = 25


def pdf_against_library() -> tuple[float, float]:
    """The CPU time of an invoice's PDF (reading, rendering, keeping it) over WeasyPrint's alone on the same HTML with the
    same fonts and stylesheet, and that one's seconds. Medians of runs in turn, in a process that is warm."""
    invoice = Invoice.objects.filter(status=Invoice.Status.UNPAID).latest("pk")
    html = render_to_string(pdf.TEMPLATE, pdf.describe(invoice))
    fonts, stylesheet = pdf._fonts_and_stylesheet()

    def whole() -> None:
        Invoice.objects.filter(pk=invoice.pk).update(pdf="", pdf_fingerprint="")
        pdf.current(Invoice.objects.get(pk=invoice.pk))

    def library() -> None:
        HTML(string=html, url_fetcher=pdf.fetcher()).write_pdf(stylesheets=[stylesheet], font_config=fonts)

    for _run in range(3):
        whole(), library()
    pairs = [(_seconds(whole), _seconds(library)) for _run in range(RUNS)]
    alone = statistics.median(second for _first, second in pairs)
    return statistics.median(first for first, _second in pairs) / alone, alone


def _seconds(act: Callable[[], None]) -> float:
    begun = time.process_time()
    act()
    return time.process_time() - begun
