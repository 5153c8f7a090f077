"""kill -9 of the web's workers at random moments of a checkout: nothing lost, nothing doubled."""

import os
import random
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.faults.shop import Buyer, pause

pytestmark = pytest.mark.fault

# RELIABILITY asks for 100; every run of the suite tries some, FAULTS=100 all.
MOMENTS = int(os.environ.get("FAULTS", "6"))
# A checkout takes about this long from the press to the answer.
LONGEST_MOMENT = 0.15


def test_workers_killed_during_checkouts_lose_no_order_and_make_none_twice(open_shop):
    shop = open_shop(buyers=MOMENTS)
    moments = random.Random(20260101)
    invoices = set()
    with ThreadPoolExecutor(1) as pool:
        for cookie in shop.cookies:
            buyer = Buyer(shop, cookie)
            form = buyer.prepare()
            pressed = pool.submit(buyer.press, form)
            pause(moments.uniform(0, LONGEST_MOMENT))
            shop.kill_workers()
            invoices.add(pressed.result())
    assert len(invoices) == MOMENTS
    assert shop.count_orders() == MOMENTS
    assert shop.ledger_breaches() == ""
