"""Which fault tests can run here, and the shops that they break."""

from collections.abc import Iterator
from pathlib import Path
from typing import Protocol

import pytest
from django.conf import settings

from tests.faults.shop import Shop


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """What restarts a PostgreSQL belongs to the run on PostgreSQL, where its programs are installed."""
    if settings.DATABASES["default"]["ENGINE"].endswith("postgresql"):
        return
    elsewhere = [item for item in items if item.get_closest_marker("postgresql")]
    config.hook.pytest_deselected(items=elsewhere)
    items[:] = [item for item in items if item not in elsewhere]


class OpenShop(Protocol):
    def __call__(self, *, buyers: int, **environment: str) -> Shop: ...


@pytest.fixture
def open_shop(tmp_path: Path) -> Iterator[OpenShop]:
    opened = []

    def open_one(*, buyers: int, **environment: str) -> Shop:
        folder = tmp_path / f"shop-{len(opened)}"
        folder.mkdir()
        shop = Shop(folder, environment)
        opened.append(shop)
        shop.open(buyers=buyers)
        return shop

    yield open_one
    for shop in opened:
        shop.close()
