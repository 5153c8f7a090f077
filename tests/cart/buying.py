"""What a browser sends at checkout, and everything that an order could make."""

from accounts.models import Customer, Membership, OutboxEmail, User
from billing.models import Invoice, Order, PaymentMethod, PromotionRedemption, Service, TermsVersion
from cart.models import CartItem

CHECKOUT = "/cart/checkout/"
PASSWORD = "kuda-lumping-77"

ACCOUNT = {"account-name": "Sari Dewi", "account-email": "Sari@Example.com", "account-password": PASSWORD}
BILLING = {
    "billing-kind": "company",
    "billing-name": "PT Maju Jaya",
    "billing-phone": "0812 3456 7890",
    "billing-address": "Jl. Mawar 5",
    "billing-city": "Sleman",
    "billing-province": "DI Yogyakarta",
    "billing-postal_code": "55281",
    "billing-npwp": "",
    "billing-nik": "",
    "billing-billing_email": "",
}


def filled(client, **changes) -> dict[str, str]:
    """What the page's form sends when everything is filled in."""
    context = client.get(CHECKOUT).context
    data = {
        "checkout_key": str(context["checkout_key"]),
        "seen": context["seen"],
        "payment_method": str(PaymentMethod.objects.get().pk),
        "terms": "1",
        "terms_version": str(TermsVersion.current().pk),
        "notes": "Mohon dihubungi dulu.",
    }
    if context["choice"].customer:
        data["customer"] = str(context["choice"].customer.pk)
    else:
        data |= ACCOUNT | BILLING
    return {**data, **changes}


def billing_fields(client) -> dict[str, str]:
    """A known customer's form, as it is filled in when asked for."""
    form = client.get(CHECKOUT, {"edit": "1"}).context["form"].billing
    return {f"billing-{name}": str(value or "") for name, value in form.initial.items()}


def counts() -> dict[str, int]:
    rows = (User, Customer, Membership, Order, Service, Invoice, OutboxEmail, PromotionRedemption, CartItem)
    return {model.__name__: model.objects.count() for model in rows}
