"""Real-looking transfers recognised as the shop does: hardly any is left to people, and none goes to the wrong invoice."""

import pytest

from tests.billing_bank.generated import played


@pytest.mark.parametrize("seed", range(3))
def test_nearly_all_transfers_find_their_invoice_and_none_a_wrong_one(seed):
    score, wrong = played(1_000, seed)

    assert wrong == []
    assert score.by_themselves >= 0.95, (seed, score)
