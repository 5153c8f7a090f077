"""Threads that meet at a barrier, for tests marked ``race`` with ``django_db(transaction=True)``."""

import threading
from collections.abc import Callable, Sequence

from django.db import connections

PATIENCE = 30


def race(*acts: Callable[[], object]) -> list[object]:
    """What each act returned or raised, in the order given. All begin at once, each on a database connection of its own."""
    barrier = threading.Barrier(len(acts))
    outcomes: list[object] = [None] * len(acts)

    def run(number: int, act: Callable[[], object]) -> None:
        try:
            barrier.wait(PATIENCE)
            outcomes[number] = act()
        except Exception as error:
            outcomes[number] = error
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(acts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE)
        assert not thread.is_alive(), "a racing thread did not finish"
    return outcomes


def at_once(times: int, act: Callable[[], object]) -> list[object]:
    """The same act in ``times`` threads."""
    return race(*[act] * times)


def refusals(outcomes: Sequence[object], kind: type[Exception]) -> int:
    return sum(isinstance(outcome, kind) for outcome in outcomes)


class Rendezvous:
    """Where racing threads wait for each other in the middle of an act: between a check and what relies on it."""

    def __init__(self, parties: int) -> None:
        self._barrier = threading.Barrier(parties)

    def wait(self) -> None:
        self._barrier.wait(PATIENCE)
