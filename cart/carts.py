"""The visitor's cart."""

from django.http import HttpRequest


def count_items(request: HttpRequest) -> int:
    return 0
