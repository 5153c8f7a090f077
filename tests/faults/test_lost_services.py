"""The database restarted and Redis frozen while people order."""

import os
import socket
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.faults.cluster import own_cluster
from tests.faults.shop import Buyer, Shop, pause

pytestmark = pytest.mark.fault

# RELIABILITY asks for 50; every run of the suite tries some, FAULTS=50 all.
CHECKOUTS = int(os.environ.get("FAULTS", "4"))
SECONDS_AT_MOST = 5


@pytest.mark.postgresql
def test_a_database_restarted_at_once_loses_nothing_that_was_acknowledged(open_shop):
    with own_cluster() as cluster:
        shop = open_shop(buyers=CHECKOUTS, DATABASE_URL=cluster.url)
        buyers = [Buyer(shop, cookie) for cookie in shop.cookies]
        forms = [buyer.prepare() for buyer in buyers]
        with ThreadPoolExecutor(CHECKOUTS) as pool:
            pressed = [pool.submit(buyer.press, form) for buyer, form in zip(buyers, forms, strict=True)]
            pause(0.2)
            cluster.stop("immediate")
            cluster.start()
            invoices = {one.result() for one in pressed}
        assert len(invoices) == CHECKOUTS
        assert shop.count_orders() == CHECKOUTS
        assert shop.ledger_breaches() == ""
        shop.close()


@pytest.fixture
def frozen_port():
    """Takes connections and never answers, as a stopped Redis does."""
    with socket.socket() as frozen:
        frozen.bind(("127.0.0.1", 0))
        frozen.listen(200)
        yield frozen.getsockname()[1]


@pytest.fixture
def refusing_port():
    with socket.socket() as refusing:
        refusing.bind(("127.0.0.1", 0))
        yield refusing.getsockname()[1]


@pytest.mark.parametrize("fault", ["frozen_port", "refusing_port"])
def test_without_redis_every_checkout_succeeds_in_time(open_shop, request, fault):
    port = request.getfixturevalue(fault)
    calm = open_shop(buyers=CHECKOUTS)
    usual = _slowest_request(calm)
    shop = open_shop(buyers=CHECKOUTS, REDIS_URL=f"redis://127.0.0.1:{port}/0")
    # Beside what a request takes on this machine, however busy it is.
    assert _slowest_request(shop) <= usual + SECONDS_AT_MOST
    assert shop.count_orders() == CHECKOUTS
    assert shop.ledger_breaches() == ""


def _slowest_request(shop: Shop) -> float:
    """Every buyer orders; the seconds that the slowest answer took."""
    buyers = [Buyer(shop, cookie) for cookie in shop.cookies]
    for buyer in buyers:
        buyer.press(buyer.prepare())
    return max(buyer.slowest for buyer in buyers)
