import pytest

from accounts import limits


@pytest.fixture
def three_times(monkeypatch):
    monkeypatch.setitem(limits.LIMITS, "promo", limits.Limit(3, 300))


def test_the_fourth_of_three_allowed_tries_is_refused_and_others_are_not(three_times):
    assert [limits.allow("promo", "10.0.0.1") for _ in range(4)] == [True, True, True, False]
    assert limits.allow("promo", "10.0.0.2")


def test_a_new_window_allows_again(three_times, time_machine):
    time_machine.move_to(1_000_000_200, tick=False)
    assert [limits.allow("promo", "a") for _ in range(4)][-1] is False
    time_machine.shift(300)
    assert limits.allow("promo", "a")


def test_an_action_without_a_limit_is_a_mistake():
    with pytest.raises(KeyError):
        limits.allow("nothing", "a")


@pytest.mark.parametrize(
    ("proxies", "forwarded", "expected"),
    [
        (0, "203.0.113.9", "127.0.0.1"),
        (1, "203.0.113.9", "203.0.113.9"),
        (1, "6.6.6.6, 203.0.113.9", "203.0.113.9"),
        (2, "6.6.6.6, 203.0.113.9, 10.0.0.1", "203.0.113.9"),
        (2, "203.0.113.9", "127.0.0.1"),
        (1, "2001:DB8::1", "2001:db8::1"),
        (1, "<script>", limits.UNKNOWN_ADDRESS),
    ],
    ids=["none trusted", "one", "one, forged hop", "two, forged hop", "bypassed", "IPv6", "garbage"],
)
def test_the_visitors_address_is_what_the_trusted_proxies_saw(rf, settings, proxies, forwarded, expected):
    settings.TRUSTED_PROXIES = proxies
    assert limits.client_ip(rf.get("/", headers={"X-Forwarded-For": forwarded})) == expected
