"""The pages that are measured, who visits them, and what they may cost relative to ``rows``."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.conf import settings
from django.test import Client
from django.urls import reverse

from accounts.models import Customer, User
from billing.models import Invoice
from cart.models import Cart
from tests.benchmarks import onboarding, tickets
from tests.benchmarks.data import OF_THE_FIRST

CONFIGURE = "/store/kelompok-3/produk-4/"
CHOICES = {"cycle": "monthly", "users": "25", "os": "debian"}


@dataclass(frozen=True)
class Page:
    name: str
    path: str
    limit: float | None = None
    client: Client | None = None

    @property
    def cookie(self) -> str:
        if self.client is None:
            return ""
        return "; ".join(f"{name}={morsel.value}" for name, morsel in self.client.cookies.items())


def all_pages() -> Sequence[Page]:
    """``const`` and ``rows`` first."""
    # What an earlier run on the same database left.
    Cart.objects.all().delete()
    guest = Client(headers={"Accept-Language": "id"})
    for _item in range(2):
        answer = guest.post(CONFIGURE, CHOICES)
        if answer.status_code != 302:
            raise SystemExit(f"The cart of the benchmark was not filled: {answer.status_code}")
    invoice = Invoice.objects.filter(status=Invoice.Status.UNPAID).latest("pk")
    member = _signed_in(User.objects.get(memberships__customer=invoice.customer_id))
    member.post(CONFIGURE, CHOICES)
    first = Customer.objects.earliest("pk")
    heavy = _signed_in(User.objects.get(memberships__customer=first))
    staff = _signed_in(User.objects.get(email=tickets.STAFF))
    waiting = tickets.waiting_ticket_of(first)
    pic = _signed_in(User.objects.get(email=onboarding.STAFF))
    case = onboarding.case_of(first)
    return [
        Page("const", "/benchmark/const/"),
        Page("rows", "/benchmark/rows/"),
        Page("store group", "/store/kelompok-3/", 0.7),
        Page("configure", CONFIGURE, 0.7),
        Page("live quote", f"{CONFIGURE}quote/?cycle=monthly&shown_cycle=monthly&users=25&os=debian", 1.5),
        Page("cart", "/cart/", 3, guest),
        Page("checkout", "/cart/checkout/", 3, member),
        Page("client home", "/client/", 3, member),
        Page("invoice list", "/client/invoices/", 3, member),
        Page(f"invoice list ({OF_THE_FIRST:,} invoices)", "/client/invoices/", 3, heavy),
        Page("invoice", f"/client/invoices/{invoice.slug}/", 3, member),
        Page("ticket list", "/client/tickets/", None, heavy),
        Page("ticket", waiting.get_absolute_url(), None, heavy),
        Page("ticket inbox (staff)", reverse("admin:tickets_inbox"), None, staff),
        Page("ticket (staff)", reverse("admin:tickets_thread", args=[waiting.pk]), None, staff),
        Page("onboarding (tracker)", case.get_absolute_url(), None, heavy),
        Page("onboarding board (staff)", f"{reverse('admin:onboarding_board')}?whose=all", None, pic),
        Page("onboarding case (staff)", reverse("admin:onboarding_work", args=[case.pk]), None, pic),
    ]


def _signed_in(person: User) -> Client:
    client = Client(headers={"Accept-Language": "id"})
    client.force_login(person)
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = "id"
    return client
