from decimal import Decimal

import pytest

from catalog import money


@pytest.mark.parametrize("typed", ["1250000", "1.250.000", "Rp 1.250.000,00", "1,250,000.00"])
def test_mo3_reads_what_people_type(typed):
    assert money.parse_rupiah(typed) == Decimal(1_250_000)
