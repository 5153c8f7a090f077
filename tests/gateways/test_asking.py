"""What goes to a provider and to the browser, apart from amounts."""

import pytest

from billing.gateways import asking
from billing.gateways.base import Unreadable


@pytest.mark.parametrize(
    "url",
    [
        "https://app.sandbox.midtrans.com/snap/v4/redirection/66e4fa55-fdac-4ef9-91b5-733b97d1b862",
        "https://checkout.xendit.co/web/579c8d61f23fa4ca35e52da4",
        "http://127.0.0.1:8001/snap/v4/redirection/66e4fa55",
        "http://localhost:8001/xendit/web/579c8d61",
    ],
)
def test_a_page_of_a_provider_is_an_address_of_the_web(url):
    assert asking.page({"url": url}, "url") == url


@pytest.mark.parametrize(
    "url",
    [
        "javascript:alert(1)",
        "//lain.example/bayar",
        "/bayar",
        "ftp://lain.example/",
        "http://[",
        "https://",
        "https://a.example/\nb",
        "https://a.example/" + "b" * 600,
        "",
        None,
        5,
    ],
)
def test_nobody_is_sent_anywhere_else(url):
    with pytest.raises(Unreadable):
        asking.page({"url": url}, "url")
