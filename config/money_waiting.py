"""Money that waits for the person who looks: the cards of it on the staff's start page (``config.today``)."""

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts import dates
from accounts.models import Shop, User
from accounts.promises import Promise
from billing import desk
from billing.models import PaymentAttempt, PaymentConfirmation, ProviderRefund, StatementImport, StatementLine
from catalog.money import format_money
from config.cards import ROWS, Card, Row, first, worst


def payments_to_verify(user: User) -> Card | None:
    if not user.has_perm("billing.verify_payment"):
        return None
    shop = Shop.current()
    waiting, count = first(PaymentConfirmation.objects.waiting().select_related("invoice__customer"))
    rows = tuple(
        Row(
            title=f"{one.invoice.number} · {format_money(one.amount)}",
            detail=one.invoice.customer.name,
            url=reverse("admin:billing_desk_confirmation", args=[one.pk]),
            at=one.submitted_at,
            promise=Promise.of(one.submitted_at, shop.verification_minutes, shop=shop),
        )
        for one in waiting
    )
    return Card(
        key="verify",
        icon="receipt",
        title=_("Pembayaran menunggu verifikasi"),
        count=count,
        tone=worst(row.promise for row in rows),
        url=reverse("admin:billing_desk", query={"show": desk.CONFIRMATIONS}),
        more=_("Buka meja verifikasi"),
        calm=_("Semua konfirmasi pembayaran sudah diputuskan."),
        rows=rows,
    )


def lines_to_review(user: User) -> Card | None:
    if not user.has_perm("billing.verify_payment"):
        return None
    # A line that proves a confirmation is decided with it.
    alone = [place.line for place in desk.read().shown(desk.LINES)]
    lines = StatementLine.objects.in_bulk(alone[:ROWS])
    rows = tuple(
        Row(
            title=f"{format_money(one.amount)} · {dates.short_date(one.booked_on)}",
            detail=one.payer or one.text,
            url=reverse("admin:billing_line_review", args=[one.pk]),
            at=one.created_at,
        )
        for one in (lines[pk] for pk in alone[:ROWS])
    )
    return Card(
        key="statement",
        icon="building-bank",
        title=_("Uang masuk yang belum dikenali"),
        count=len(alone),
        tone="warning" if alone else "",
        url=reverse("admin:billing_desk", query={"show": desk.LINES}),
        more=_("Tinjau mutasi"),
        calm=_("Semua uang masuk sudah dikenali."),
        rows=rows,
    )


def attempts_to_review(user: User) -> Card | None:
    """What providers brought in otherwise than it was asked for, or sent back by themselves."""
    if not user.has_perm("billing.verify_payment") or not user.has_perm("billing.view_paymentattempt"):
        return None
    waiting, count = first(PaymentAttempt.objects.to_review().select_related("invoice__customer"))
    if not count:
        # Shops without a provider have no use for the card.
        return None
    rows = tuple(
        Row(
            title=f"{one.invoice.number} · {format_money(one.amount, one.currency)}",
            detail=one.error[:120] or one.invoice.customer.name,
            url=reverse("admin:billing_paymentattempt_change", args=[one.pk]),
            at=one.created_at,
        )
        for one in waiting
    )
    return Card(
        key="attempts",
        icon="alert-triangle",
        title=_("Pembayaran online perlu ditinjau"),
        count=count,
        tone="danger",
        url=reverse("admin:billing_paymentattempt_changelist", query={"status__exact": PaymentAttempt.Status.REVIEW}),
        more=_("Tinjau pembayaran online"),
        calm="",
        rows=rows,
    )


def refunds_that_did_not_go(user: User) -> Card | None:
    """What a provider refused in the last days, and what it has not sent after an hour."""
    if not user.has_perm("billing.pay_refund") or not user.has_perm("billing.view_providerrefund"):
        return None
    waiting, count = first(ProviderRefund.objects.in_trouble(timezone.now()).select_related("attempt"))
    if not count:
        return None
    rows = tuple(
        Row(
            title=f"{format_money(one.amount, one.currency)} · {one.get_status_display()}",
            detail=one.error[:120] or one.attempt.order_id,
            url=reverse("admin:billing_providerrefund_change", args=[one.pk]),
            at=one.asked_at,
        )
        for one in waiting
    )
    return Card(
        key="sent-back",
        icon="alert-triangle",
        title=_("Pengembalian lewat penyedia belum berhasil"),
        count=count,
        tone="warning",
        url=reverse("admin:billing_providerrefund_changelist"),
        more=_("Semua pengembalian lewat penyedia"),
        calm="",
        rows=rows,
    )


def statements_to_decide(user: User) -> Card | None:
    """Files of the bank that arrived by themselves and could not be taken in."""
    if not user.has_perm("billing.verify_payment"):
        return None
    waiting, count = first(StatementImport.objects.to_decide().select_related("account"))
    if not count:
        # Most shops upload their statements, and have no use for the card.
        return None
    rows = tuple(
        Row(
            title=one.source,
            detail=one.problem or _("Belum diimpor"),
            url=reverse("admin:billing_statement_preview", args=[one.pk]),
            at=one.uploaded_at,
        )
        for one in waiting
    )
    return Card(
        key="statement-files",
        icon="file-text",
        title=_("Berkas mutasi yang menunggu Anda"),
        count=count,
        tone="warning",
        url=reverse("admin:billing_statementimport_changelist", query={"state": "waiting"}),
        more=_("Putuskan berkasnya"),
        calm="",
        rows=rows,
    )
