"""Whether the books still agree with themselves: the invariants V1–V9, asked of the database row by row.

``verify()`` yields what is wrong and keeps nothing in memory; ``manage.py verify_ledger`` prints it. The apps above add
what of the same rules is theirs with ``also()``.
"""

from collections.abc import Callable, Iterator, Mapping

from billing.ledger import bank, files, history, money, orders, providers
from billing.ledger.breach import Breach

Check = Callable[[], Iterator[Breach]]

CHECKS: Mapping[str, Check] = {
    "V1": money.invoices_add_up,
    "V2": money.money_is_where_it_belongs,
    "V3": orders.everything_is_there_once,
    "V4": money.numbers_have_no_gap,
    "V5": history.promised_emails_exist,
    "V6": orders.promotions_and_stock_are_counted,
    "V7": history.every_change_has_its_event,
    "V8": orders.paid_lines_started_their_services,
    "V9": files.files_are_as_they_were_stored,
}


_ALSO: dict[str, list[Check]] = {
    "V2": [bank.lines_are_in_the_books_once, providers.what_came_is_in_the_books_once],
    "V9": [providers.every_call_has_its_outcome],
}


def also(rule: str, check: Check) -> None:
    """Let ``check`` run with the others of its rule, V1 to V9."""
    if rule not in CHECKS:
        raise ValueError(f"there is no rule {rule}")
    _ALSO.setdefault(rule, []).append(check)


def verify(rules: Mapping[str, Check] = CHECKS) -> Iterator[Breach]:
    for rule, check in rules.items():
        for one in (check, *_ALSO.get(rule, ())):
            yield from one()


__all__ = ["CHECKS", "Breach", "also", "verify"]
