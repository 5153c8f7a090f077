"""Who may visit what of billing's pages."""

from datetime import timedelta

from django.utils import timezone

from accounts import invitations
from accounts.roles import Role
from billing import attempts, paylinks
from billing.models import PaymentAttempt, ServiceTransfer
from tests import factories
from tests.access import LOGIN, Row, World, members_only, public
from tests.billing import credited, shop
from tests.billing_pages.shop import file_tax_invoice, pay, service_of


def _invoice(world: World):
    return shop.unpaid_invoice(world.customer)


def _slug(world: World) -> dict:
    return {"slug": _invoice(world).slug}


def _token(world: World) -> dict:
    return {"token": paylinks.token_of(paylinks.share(invoice=_invoice(world), actor=world.owner))}


def _by_qris(world: World):
    product = factories.product(prices={"monthly": 150_000}, taxable=False)
    return shop.place(world.customer, product, method=factories.qris_account().method).invoice


def _token_of_qris(world: World) -> dict:
    return {"token": paylinks.token_of(paylinks.share(invoice=_by_qris(world), actor=world.owner))}


def _attempt(world: World) -> dict:
    invoice = _invoice(world)
    method = factories.bank_transfer()
    attempt = PaymentAttempt.objects.create(
        invoice=invoice,
        method=method,
        provider="pretend",
        gateway="pretend_page",
        order_id=attempts.new_order_id(invoice),
        amount=invoice.balance,
        expires_at=timezone.now() + timedelta(hours=1),
    )
    return {"order_id": attempt.order_id}


def _confirmation(world: World) -> dict:
    return {"confirmation_id": shop.confirm(_invoice(world)).pk}


def _proof(world: World) -> dict:
    return {"pk": shop.confirm(_invoice(world)).proofs.get().pk}


def _tax_invoice(world: World) -> dict:
    factories.ppn()
    invoice = shop.place(world.customer, factories.product()).invoice
    return {"slug": file_tax_invoice(invoice).invoice.slug}


def _payment(world: World) -> dict:
    return {"payment_id": pay(_invoice(world)).allocations.get().payment_id}


def _with_customer(world: World) -> dict:
    """For a page that nobody without a customer has."""
    assert world.customer
    return {}


def _credit_note(world: World) -> dict:
    return {"slug": credited.credit_note(_invoice(world)).slug}


def _refund(world: World) -> dict:
    return {"pk": credited.refund(world.customer).pk}


def _service(world: World) -> dict:
    return {"pk": service_of(_invoice(world)).pk}


def _changeable(world: World) -> dict:
    product = factories.product(prices={"monthly": 100_000, "annually": 1_000_000}, taxable=False)
    return {"pk": service_of(pay(shop.place(world.customer, product).invoice)).pk}


def _terms(world: World) -> dict:
    return {"slug": factories.terms().slug}


def _terms_version(world: World) -> dict:
    made = factories.terms()
    return {"slug": made.slug, "version": made.version}


def _transfer(world: World) -> dict:
    ServiceTransfer.objects.create(
        service=service_of(_invoice(world)),
        from_customer=world.customer,
        email="penerima@example.com",
        token_hash=invitations.hash_of("tautan"),
        expires_at=timezone.now() + timedelta(days=1),
    )
    return {"token": "tautan"}


def _method(world: World) -> dict:
    return {"payment_method": factories.bank_transfer().pk}


def _own_list(url: str, **more) -> Row:
    """A list of one's own customer's things: everybody signed in has one, but not in every role."""
    return Row(url, **{"anonymous": LOGIN, "stranger": 200, "staff": 200, "lesser": 403, "allowed": 200, **more})


def _by_role(url: str, lesser_role: Role, **more) -> Row:
    return members_only(url, lesser=403, lesser_role=lesser_role, **more)


ROWS = [
    _own_list("billing:billing-overview", lesser_role=Role.TECHNICAL),
    _own_list("billing:statement", lesser_role=Role.TECHNICAL),
    _own_list("billing:statement-file", lesser_role=Role.TECHNICAL, make=lambda world: {"form_of": "csv"}),
    _own_list("billing:invoices", lesser_role=Role.TECHNICAL),
    _own_list("billing:credit", lesser_role=Role.TECHNICAL),
    _own_list("billing:add-funds", lesser_role=Role.VIEWER, make=_with_customer, staff=302),
    _own_list(
        "billing:add-funds",
        lesser_role=Role.VIEWER,
        make=_with_customer,
        method="post",
        stranger=422,
        staff=302,
        allowed=422,
    ),
    _by_role("billing:credit-note", Role.TECHNICAL, make=_credit_note),
    _by_role("billing:credit-note-pdf", Role.TECHNICAL, make=_credit_note),
    _by_role("billing:refund-proof", Role.TECHNICAL, make=_refund),
    _by_role("billing:invoice-drop", Role.VIEWER, make=_slug, method="post", allowed=302),
    _own_list("billing:confirm", lesser_role=Role.VIEWER),
    _own_list(
        "billing:confirm-together", lesser_role=Role.VIEWER, anonymous=LOGIN, stranger=302, staff=302, allowed=302
    ),
    _own_list("billing:services", lesser=200),
    _by_role("billing:service-change", Role.VIEWER, make=_changeable),
    _by_role("billing:service-change", Role.VIEWER, make=_changeable, method="post", allowed=422),
    _by_role("billing:service-change-quote", Role.TECHNICAL, make=_changeable),
    _by_role("billing:service-change-cancel", Role.VIEWER, make=_changeable, method="post", allowed=302),
    _by_role("billing:service-end", Role.VIEWER, make=_service, allowed=302),
    _by_role("billing:service-keep", Role.VIEWER, make=_service, method="post", allowed=302),
    _by_role("billing:service-stay", Role.VIEWER, make=_service, method="post", allowed=302),
    _by_role("billing:service-transfer", Role.BILLING, make=_service, allowed=302),
    _by_role("billing:transfer-withdraw", Role.BILLING, make=_service, method="post", allowed=302),
    # Whoever holds the link may look; what they may take it for is the form's question.
    Row("billing:transfer", make=_transfer, anonymous=LOGIN, stranger=200, lesser=200, staff=200, allowed=200),
    _by_role("billing:service-renew", Role.VIEWER, make=_service, allowed=302),
    _by_role("billing:service-give-up", Role.VIEWER, make=_service, method="post", allowed=302),
    _by_role("billing:invoice", Role.TECHNICAL, make=_slug),
    _by_role("billing:invoice-pdf", Role.TECHNICAL, make=_slug),
    _by_role("billing:invoice-qris", Role.TECHNICAL, make=lambda world: {"slug": _by_qris(world).slug}),
    _by_role("billing:invoice-state", Role.TECHNICAL, make=_slug, allowed=204),
    _by_role("billing:invoice-confirm", Role.VIEWER, make=_slug, allowed=302),
    _by_role("billing:invoice-confirm", Role.VIEWER, make=_slug, method="post", allowed=422),
    _by_role("billing:invoice-pay", Role.VIEWER, make=_slug, method="post", allowed=302),
    _by_role("billing:invoice-method", Role.VIEWER, make=_slug, method="post", data=_method, allowed=302),
    _by_role("billing:tax-invoice", Role.VIEWER, make=_slug, method="post", allowed=302),
    _by_role("billing:tax-invoice-file", Role.TECHNICAL, make=_tax_invoice),
    _by_role("billing:invoice-po", Role.VIEWER, make=_slug, method="post", allowed=302),
    _by_role("billing:invoice-credit", Role.VIEWER, make=_slug, method="post", allowed=302),
    _by_role("billing:invoice-share", Role.VIEWER, make=_slug, method="post", allowed=302),
    _by_role("billing:invoice-unshare", Role.VIEWER, make=_slug, method="post", allowed=302),
    _by_role("billing:withdraw", Role.VIEWER, make=_confirmation, method="post", allowed=302),
    _by_role("billing:receipt", Role.TECHNICAL, make=_payment),
    _by_role("billing:proof", Role.TECHNICAL, make=_proof),
    Row(
        "billing:proof",
        make=_proof,
        permissions=("billing.verify_payment",),
        anonymous=LOGIN,
        stranger=404,
        lesser=200,
        staff=404,
        allowed=200,
    ),
    members_only("billing:service", make=_service),
    # The details themselves show only after the password is typed again.
    _by_role("billing:service-login", Role.VIEWER, make=_service, method="post", allowed=302),
    public("billing:pay", make=_token),
    public("billing:pay-pdf", make=_token),
    public("billing:pay-qris", make=_token_of_qris),
    public("billing:pay-start", make=_token, method="post", status=302),
    public("billing:pay-state", make=_token, status=204, query=lambda world: {"seen": "unpaid-0-0-"}),
    public("billing:invoice-returned", make=_attempt, status=302),
    public("billing:webhook", make=lambda world: {"provider": "nobody"}, method="post", status=404),
    public("billing:webhook-without-slash", make=lambda world: {"provider": "nobody"}, method="post", status=404),
    # Shut, unless its secret is set; tests/billing_bank/test_webhook.py opens it.
    public("billing:mutations-webhook", method="post", status=404),
    public("billing:mutations-webhook-without-slash", method="post", status=404),
    public("billing:terms", make=_terms),
    public("billing:terms-version", make=_terms_version),
]
