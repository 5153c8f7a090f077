"""Who gets what from the staff's pages beyond each model's own five. See tests/access.py for the form."""

import uuid
from datetime import timedelta

from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from accounts.models import Invitation, OutboxEmail
from accounts.roles import Role
from billing import changes, editing, uploads
from billing.bank import importing
from billing.models import BillingFailure, PriceChange, ServiceChange, ServiceTransfer, StatementImport, StatementLine
from catalog.selection import Selection
from tests import factories
from tests.access import LOGIN, Row, World, staff_only
from tests.billing import credited, shop
from tests.billing_bank import statements
from tests.billing_pages.shop import file_tax_invoice
from tests.staff import desk
from tickets import files
from tickets.models import TicketConfirmation


def _staff(url: str, *, staff: int = 200, **more) -> Row:
    """For everybody who is staff."""
    return staff_only(url, "auth.view_permission", staff=staff, **more)


def _tax_invoice(world: World):
    factories.ppn()
    return file_tax_invoice(shop.place(world.customer, factories.product()).invoice)


def _invoice(world: World):
    return shop.unpaid_invoice(world.customer)


def _confirmation(world: World):
    return shop.confirm(_invoice(world), world.owner)


def _email() -> OutboxEmail:
    return OutboxEmail.objects.create(key="row", to="sari@example.com", template="accounts/confirm_email")


def _transfer(world: World) -> ServiceTransfer:
    return ServiceTransfer.objects.create(
        service=_invoice(world).order.services.get(),
        from_customer=world.customer,
        email="penerima@example.com",
        token_hash="x",
        expires_at=timezone.now() + timedelta(days=1),
    )


def _running(world: World):
    product = factories.product(prices={"monthly": 100_000, "annually": 900_000}, taxable=False)
    invoice = shop.place(world.customer, product).invoice
    desk.pay(invoice)
    return invoice.order.services.get()


def _change(world: World) -> ServiceChange:
    service = _running(world)
    product = factories.product(prices={"monthly": 500_000}, taxable=False)
    service.product.changes_to.add(product)
    return changes.request(
        service=service,
        product_id=product.pk,
        selection=Selection("monthly"),
        key=uuid.uuid4(),
        seen=None,
        actor=world.owner,
    )


def _price_change(world: World) -> PriceChange:
    service = _invoice(world).order.services.get()
    return PriceChange.objects.create(
        service=service, unit_prices={}, old_net=1, new_net=2, effective_from=timezone.localdate()
    )


def _line() -> StatementLine:
    account = factories.bank_account()
    imported = StatementImport.objects.create(account=account, source="mutasi.csv", sha256="0" * 64)
    return StatementLine.objects.create(
        account=account, imported=imported, key="1", booked_on=timezone.localdate(), amount=150_000
    )


def _statement(world: World) -> StatementImport:
    file = SimpleUploadedFile("mutasi.csv", statements.BNI.encode())
    return importing.upload(account=factories.bank_account(), file=file, actor=world.owner)


def _taken_in(world: World) -> StatementImport:
    imported = _statement(world)
    reading = importing.read(statements.BNI.encode(), imported.account)
    importing.take_in(imported=imported, reading=reading, actor=world.owner)
    return imported


def press(model: str, button: str, *permissions: str, make, **more) -> Row:
    """The page that asks before a button acts."""
    return staff_only(
        f"admin:{model}_press",
        *permissions,
        make=lambda world: {"object_id": make(world).pk, "button": button},
        **more,
    )


_FRAME = [
    _staff("admin:index"),
    # Signed-in people who are not staff are told so; staff is led in.
    Row("admin:login", anonymous=LOGIN, stranger=403, lesser=403, staff=302, allowed=302, superuser=True),
    _staff("admin:logout", status=302, staff=302),
    _staff("admin:password_change", status=302, staff=302),
    _staff("admin:password_change_done"),
    _staff("admin:jsi18n"),
    staff_only("admin:autocomplete", status=403),
    staff_only("admin:view_on_site", status=404, staff=404, make=lambda world: {"content_type_id": 0, "object_id": 0}),
    staff_only("admin:app_list", make=lambda world: {"app_label": "billing"}, staff=404),
    staff_only("admin:health", "accounts.view_shop"),
]
_DESK = [
    staff_only("admin:billing_desk", "billing.verify_payment"),
    staff_only(
        "admin:billing_desk_confirmation",
        "billing.verify_payment",
        make=lambda world: {"confirmation_id": _confirmation(world).pk},
    ),
    staff_only(
        "admin:billing_desk_confirmation",
        "billing.verify_payment",
        method="post",
        make=lambda world: {"confirmation_id": _confirmation(world).pk},
        data=lambda world: {"decision": "approve", "amount": "150000"},
        status=302,
    ),
    staff_only(
        "admin:billing_desk_proof",
        "billing.view_paymentconfirmation",
        make=lambda world: {"proof_id": _confirmation(world).proofs.get().pk},
    ),
    staff_only("admin:billing_activations", "billing.change_service"),
    staff_only(
        "admin:billing_activate",
        "billing.change_service",
        make=lambda world: {"service_id": _invoice(world).order.services.get().pk},
    ),
    staff_only("admin:billing_taxinvoice_export", "billing.view_taxinvoice"),
    staff_only(
        "admin:billing_taxinvoice_file",
        "billing.view_taxinvoice",
        make=lambda world: {"object_id": _tax_invoice(world).pk},
    ),
    staff_only(
        "admin:billing_payment_receipt",
        "billing.view_payment",
        make=lambda world: {"object_id": desk.pay(_invoice(world)).pk},
    ),
    staff_only(
        "admin:billing_invoice_pdf", "billing.view_invoice", make=lambda world: {"object_id": _invoice(world).pk}
    ),
]
_CREDIT = [
    staff_only(
        "admin:billing_creditnote_pdf",
        "billing.view_creditnote",
        make=lambda world: {"object_id": credited.credit_note(_invoice(world)).pk},
    ),
    staff_only(
        "admin:billing_refund_proof",
        "billing.view_refund",
        make=lambda world: {"object_id": credited.refund(world.customer).pk},
    ),
    press(
        "billing_creditaccount",
        "pay-out",
        "billing.pay_refund",
        make=lambda world: credited.rich(world.customer, 100_000),
    ),
    # Nothing of it came through a provider, so the page leads back.
    press(
        "billing_creditaccount",
        "send-back",
        "billing.pay_refund",
        make=lambda world: credited.rich(world.customer, 100_000),
        status=302,
    ),
    press("billing_invoice", "credit-note", "billing.issue_credit_note", make=_invoice),
    press("billing_invoice", "write-off", "billing.write_off", make=lambda world: credited.bounced(world.customer)),
    press(
        "billing_invoice", "release", "billing.verify_payment", make=lambda world: credited.half_paid(world.customer)
    ),
]
_EDITOR = [
    staff_only("admin:billing_invoice_new", "billing.add_invoice"),
    staff_only(
        "admin:billing_invoice_begin",
        "billing.add_invoice",
        method="post",
        make=lambda world: {"customer_id": world.customer.pk},
        status=302,
    ),
    staff_only(
        "admin:billing_invoice_edit",
        "billing.add_invoice",
        make=lambda world: {"object_id": editing.start(customer=world.customer, actor=world.owner).pk},
    ),
]
_ORDERING = [
    staff_only("admin:billing_order_new", "billing.add_order"),
    staff_only("admin:billing_order_for", "billing.add_order", make=lambda world: {"customer_id": world.customer.pk}),
]
_REPORTS = [
    staff_only(f"admin:{name}", "billing.see_reports")
    for name in ("reports", "report_revenue", "report_recurring", "report_receivables", "dunning")
]
_HISTORY = [
    staff_only(
        "admin:billing_service_timeline",
        "billing.view_service",
        make=lambda world: {"object_id": _invoice(world).order.services.get().pk},
    )
]
_BUTTONS = [
    press("billing_order", "cancel", "billing.change_order", make=lambda world: _invoice(world).order),
    press("billing_invoice", "cancel", "billing.change_invoice", make=_invoice),
    press("billing_invoice", "payment", "billing.verify_payment", make=_invoice),
    press(
        "billing_service", "cancel", "billing.change_service", make=lambda world: _invoice(world).order.services.get()
    ),
    press("billing_servicetransfer", "withdraw", "billing.change_service", make=_transfer),
    press("billing_service", "change-plan", "billing.change_service", make=_running),
    press("billing_servicechange", "cancel", "billing.change_service", make=_change),
    press("billing_taxinvoice", "tax-invoice", "billing.change_taxinvoice", make=_tax_invoice),
    press("billing_pricechange", "withdraw", "billing.reprice_service", make=_price_change),
    press(
        "billing_payment",
        "reverse",
        "billing.verify_payment",
        make=lambda world: desk.pay(_invoice(world)),
    ),
    press(
        "billing_billingfailure",
        "retry",
        "billing.change_billingfailure",
        make=lambda world: BillingFailure.objects.create(step="order", subject="order:1", error="x"),
    ),
    press("billing_termsversion", "copy", "billing.add_termsversion", make=lambda world: factories.terms()),
]
_PEOPLE = [
    staff_only("admin:accounts_outboxemail_previews", "accounts.view_outboxemail"),
    staff_only(
        "admin:accounts_outboxemail_preview",
        "accounts.view_outboxemail",
        make=lambda world: {"template": "accounts/confirm_email", "language": "id"},
    ),
    staff_only(
        "admin:accounts_outboxemail_body", "accounts.view_outboxemail", make=lambda world: {"object_id": _email().pk}
    ),
    # Closed already, so its page leads back.
    press(
        "accounts_invitation",
        "revoke",
        "accounts.change_customer",
        make=lambda world: Invitation.objects.create(
            customer=world.customer,
            email="x@example.com",
            role=Role.VIEWER,
            token_hash="x",
            expires_at=timezone.now() - timedelta(days=1),
        ),
        status=302,
    ),
    press("accounts_outboxemail", "resend", "accounts.change_outboxemail", make=lambda world: _email(), status=302),
    # The button is there for whoever has a second factor to lose.
    press("accounts_user", "reset-second-factor", make=lambda world: factories.user(), status=302),
    staff_only(
        "admin:accounts_user_password_link",
        "accounts.change_user",
        method="post",
        make=lambda world: {"object_id": factories.user().pk},
        status=302,
    ),
]
_LOOK = ("tickets.view_ticket", "tickets.see_all_departments")
_ANSWER = ("tickets.answer_ticket", "tickets.see_all_departments")


def _ticket(world: World) -> dict:
    return {"ticket_id": factories.message(factories.ticket(world.customer)).ticket_id}


def _decision(world: World) -> dict:
    confirmation = _confirmation(world)
    ticket = factories.ticket(world.customer)
    TicketConfirmation.objects.create(ticket=ticket, confirmation=confirmation)
    return {"ticket_id": ticket.pk, "confirmation_id": confirmation.pk}


def _attachment(world: World) -> dict:
    message = factories.message(factories.ticket(world.customer))
    kept = files.accept([shop.picture()])
    with uploads.stored(kept, files.FOLDER) as names:
        files.attach(message, kept, names)
    return {"attachment_id": message.attachments.get().pk}


_TICKETS = [
    staff_only("admin:tickets_inbox", *_LOOK),
    staff_only("admin:tickets_measured", *_LOOK),
    staff_only("admin:tickets_thread", *_LOOK, make=_ticket),
    staff_only("admin:tickets_more", *_LOOK, make=_ticket),
    staff_only("admin:tickets_attachment", *_LOOK, make=_attachment),
    # Staff of other departments finds none of it.
    staff_only("admin:tickets_thread", "tickets.view_ticket", make=_ticket, status=404),
    staff_only("admin:tickets_attachment", "tickets.view_ticket", make=_attachment, status=404),
    staff_only("admin:tickets_canned", *_ANSWER, make=_ticket),
    staff_only("admin:tickets_arrange", *_ANSWER, make=_ticket),
    staff_only("admin:tickets_merge", *_ANSWER, make=_ticket),
    staff_only("admin:tickets_split", *_ANSWER, make=_ticket),
    staff_only("admin:tickets_confirm", *_ANSWER, make=_ticket),
    staff_only("admin:tickets_reply", *_ANSWER, make=_ticket, method="post", status=422),
    staff_only("admin:tickets_note", *_ANSWER, make=_ticket, method="post", status=422),
    staff_only("admin:tickets_presence", *_ANSWER, make=_ticket, method="post"),
    staff_only(
        "admin:tickets_act",
        *_ANSWER,
        method="post",
        make=lambda world: {**_ticket(world), "act": "take"},
        status=302,
    ),
    staff_only("admin:tickets_decide", *_LOOK, "billing.verify_payment", make=_decision, method="post", status=302),
]
_STATEMENTS = [
    staff_only("admin:billing_lines_to_review", "billing.verify_payment", status=302),
    staff_only("admin:billing_line_review", "billing.verify_payment", make=lambda world: {"line_id": _line().pk}),
    staff_only("admin:billing_statement_upload", "billing.verify_payment"),
    staff_only(
        "admin:billing_statement_preview",
        "billing.verify_payment",
        make=lambda world: {"import_id": _statement(world).pk},
    ),
    staff_only(
        "admin:billing_statement_result",
        "billing.verify_payment",
        make=lambda world: {"import_id": _taken_in(world).pk},
    ),
]
ROWS = [
    *_FRAME,
    *_DESK,
    *_STATEMENTS,
    *_CREDIT,
    *_EDITOR,
    *_ORDERING,
    *_REPORTS,
    *_HISTORY,
    *_BUTTONS,
    *_PEOPLE,
    *_TICKETS,
]
