"""What the shop's pages are compared with."""

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from catalog.models import Product

_PAGE = b"<!doctype html><title>const</title>" + b"x" * (20 * 1024 - 35)


@login_not_required
def const(request: HttpRequest) -> HttpResponse:
    """A constant page of 20 KB, no database."""
    return HttpResponse(_PAGE)


@login_not_required
def rows(request: HttpRequest) -> HttpResponse:
    """One query of 12 rows in a small template."""
    return render(request, "benchmarks/rows.html", {"rows": Product.objects.order_by("pk")[:12]})
