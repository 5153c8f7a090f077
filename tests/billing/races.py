"""Threads that meet at a barrier, each with a connection of its own; and the same without the guards, for controls."""

import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass

from django.db import connection

from billing import ledger

# Everything but V5: in race tests no worker takes the emails out of the outbox.
RULES = {rule: check for rule, check in ledger.CHECKS.items() if rule != "V5"}


@dataclass
class Outcome:
    """What one thread came back with."""

    value: object = None
    error: Exception | None = None


def at_once(*calls: Callable[[], object], guarded: bool = True) -> list[Outcome]:
    """Run the calls in threads that begin together.

    Without guards SQLite begins its transactions as it does by default, so that several can read before one writes.
    """
    outcomes = [Outcome() for _call in calls]
    start = threading.Barrier(len(calls))

    def run(outcome: Outcome, call: Callable[[], object]) -> None:
        try:
            connection.ensure_connection()
            if not guarded and connection.vendor == "sqlite":
                connection.transaction_mode = None
            start.wait(60)
            outcome.value = call()
        except Exception as error:
            outcome.error = error
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=pair, daemon=True) for pair in zip(outcomes, calls, strict=True)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
    assert not any(thread.is_alive() for thread in threads), "a thread waits for ever"
    return outcomes


def meeting(count: int) -> Callable[[], None]:
    """A place in unguarded code where the threads wait for each other, so that all have checked before one acts."""
    barrier = threading.Barrier(count)

    def meet() -> None:
        # Not all may come: one that waits for another's row never does.
        with suppress(threading.BrokenBarrierError):
            barrier.wait(3)

    return meet


def assert_books_agree() -> None:
    assert [str(breach) for breach in ledger.verify(RULES)] == []
