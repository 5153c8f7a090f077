from datetime import time

import pytest

from accounts.models import Shop


@pytest.mark.django_db
def test_the_first_shop_has_its_values_as_the_database_gives_them():
    assert (Shop.current().office_opens, Shop.current().office_closes) == (time(8), time(17))
