"""What several of the ticket pages' forms ask for."""

from collections.abc import Callable, Iterable

from django.db.models import Model
from django.utils.functional import Promise

from billing.forms import RowField


class ChosenRowField(RowField):
    """One of a few rows, named in the page by ``key``; ``rows`` holds them. ``nothing`` is what choosing none is called."""

    def __init__(self, *args, nothing: str | Promise = "", **kwargs) -> None:
        self.nothing = nothing
        super().__init__(*args, **kwargs)

    def offer(self, rows: Iterable[Model], *, key: str = "pk", label: Callable[[Model], str] = str) -> None:
        self.rows = {str(getattr(row, key)): row for row in rows}
        nothing = [("", self.nothing)] if self.nothing else []
        self.choices = nothing + [(value, label(row)) for value, row in self.rows.items()]
        self.coerce = self.rows.__getitem__
