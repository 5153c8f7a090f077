"""Today's work for the person who looks: what waits, how long, and against which promise.

Each source is a function of the user that returns a ``Card``, or ``None`` where the work is not theirs. A new subject adds
its function to ``SOURCES``.
"""

from collections.abc import Callable
from datetime import datetime, time

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts import dates
from accounts.models import OutboxEmail, Shop, User
from accounts.promises import Promise
from billing import cancellations, checks, suspensions, tax_invoices
from billing.models import (
    BillingFailure,
    BillingRun,
    Order,
    Service,
)
from catalog.money import format_money
from config import money_waiting
from config.cards import ROWS, Card, Row, first, worst
from onboarding import agenda
from tickets import promises
from tickets.models import Ticket


def activations(user: User) -> Card | None:
    if not user.has_perm("billing.change_service"):
        return None
    shop = Shop.current()
    due = Service.objects.filter(activation_due_since__isnull=False).order_by("activation_due_since", "pk")
    waiting, count = first(due.select_related("customer"))
    rows = tuple(
        Row(
            title=str(one),
            detail=one.customer.name,
            url=reverse("admin:billing_activate", args=[one.pk]),
            at=one.activation_due_since,
            promise=Promise.of(one.activation_due_since, shop.activation_minutes, shop=shop),
        )
        for one in waiting
    )
    return Card(
        key="activate",
        icon="rocket",
        title=_("Layanan menunggu aktivasi"),
        count=count,
        tone=worst(row.promise for row in rows),
        url=reverse("admin:billing_activations"),
        more=_("Buka daftar aktivasi"),
        calm=_("Semua layanan yang sudah dibayar sudah aktif."),
        rows=rows,
    )


def tickets_waiting(user: User) -> Card | None:
    """Of the person's departments, what is due first."""
    if not user.has_perm("tickets.answer_ticket"):
        return None
    theirs = Ticket.objects.for_staff(user).waiting()
    waiting, count = first(theirs.select_related("department", "customer", "opened_by"))
    rows = tuple(
        Row(
            title=one.subject,
            detail=f"{one.number} · {one.customer or one.opened_by or '–'}",
            url=reverse("admin:tickets_thread", args=[one.pk]),
            at=one.waiting_since,
            promise=promises.of_ticket(one),
        )
        for one in waiting
    )
    return Card(
        key="tickets",
        icon="ticket",
        title=_("Tiket menunggu jawaban"),
        count=count,
        tone=worst(row.promise for row in rows),
        url=reverse("admin:tickets_inbox"),
        more=_("Buka kotak masuk tiket"),
        calm=_("Semua pelanggan sudah dijawab."),
        rows=rows,
    )


def onboardings(user: User) -> Card | None:
    """Of the person's cases: what is on today, then what is past its day."""
    if not user.has_perm("onboarding.work_on_case"):
        return None
    appointments, meetings = first(agenda.appointments_today(user).select_related("case__customer"))
    late, behind = first(agenda.overdue(user).select_related("customer"))
    today = [
        Row(
            title=f"{one.title} · {one.case.customer.name}",
            detail=one.case.name,
            url=reverse("admin:onboarding_meeting", args=[one.case_id, one.pk]),
            at=one.starts_at,
        )
        for one in appointments
    ]
    overdue = [
        Row(
            title=f"{one.customer.name} · {one.name}",
            detail=_("Melewati tenggat"),
            url=reverse("admin:onboarding_work", args=[one.pk]),
            at=one.stage_since,
        )
        for one in late
    ]
    return Card(
        key="onboarding",
        icon="rocket",
        title=_("Onboarding hari ini"),
        count=meetings + behind,
        tone="danger" if overdue else "info",
        url=reverse("admin:onboarding_today"),
        more=_("Buka daftar hari ini"),
        calm=_("Tidak ada jadwal hari ini, dan tidak ada yang terlambat."),
        rows=(*today, *overdue)[:ROWS],
    )


def failed_emails(user: User) -> Card | None:
    if not user.has_perm("accounts.view_outboxemail"):
        return None
    undelivered = OutboxEmail.objects.filter(status=OutboxEmail.Status.FAILED)
    failed, count = first(undelivered.order_by("-created_at", "-pk"))
    return Card(
        key="emails",
        icon="mail",
        title=_("Email gagal terkirim"),
        count=count,
        tone="danger",
        url=reverse("admin:accounts_outboxemail_changelist", query={"status__exact": OutboxEmail.Status.FAILED}),
        more=_("Buka email yang gagal"),
        calm=_("Tidak ada email yang gagal."),
        rows=tuple(
            Row(
                title=one.subject or one.template,
                detail=one.to,
                url=reverse("admin:accounts_outboxemail_change", args=[one.pk]),
                at=one.created_at,
            )
            for one in failed
        ),
    )


def long_unpaid(user: User) -> Card | None:
    """Suspended for so long that somebody should decide (S4)."""
    if not user.has_perm("billing.change_service"):
        return None
    services, count = first(suspensions.to_terminate(timezone.localdate()).select_related("customer"))
    return Card(
        key="unpaid",
        icon="alert-triangle",
        title=_("Layanan lama tidak dibayar"),
        count=count,
        tone="warning",
        url=reverse("admin:billing_service_changelist", query={"long_unpaid": "1"}),
        more=_("Putuskan pengakhiran"),
        calm=_("Tidak ada layanan yang menunggu keputusan."),
        rows=tuple(
            Row(
                title=str(one),
                detail=one.customer.name,
                url=reverse("admin:billing_service_change", args=[one.pk]),
                at=one.suspended_at,
            )
            for one in services
        ),
    )


def asked_to_end(user: User) -> Card | None:
    """Customers who want to go: somebody may want to call."""
    if not user.has_perm("billing.view_service"):
        return None
    asked, count = first(cancellations.waiting())
    return Card(
        key="ending",
        icon="logout",
        title=_("Permintaan berhenti"),
        count=count,
        tone="info",
        url=reverse("admin:billing_service_changelist", query={"ends_on__isempty": "0"}),
        more=_("Semua yang akan berhenti"),
        calm=_("Tidak ada pelanggan yang minta berhenti."),
        rows=tuple(
            Row(
                title=str(one.service),
                detail=f"{one.service.customer.name}: {one.get_reason_display()}",
                url=reverse("admin:billing_service_change", args=[one.service_id]),
                at=one.requested_at,
            )
            for one in asked
        ),
    )


def tax_invoices_asked_for(user: User) -> Card | None:
    if not user.has_perm(tax_invoices.FILE):
        return None
    asked, count = first(tax_invoices.waiting())
    return Card(
        key="tax-invoices",
        icon="file-text",
        title=_("Permintaan faktur pajak"),
        count=count,
        tone="info",
        url=reverse("admin:billing_taxinvoice_changelist", query={"answer": "waiting"}),
        more=_("Semua permintaan"),
        calm=_("Tidak ada permintaan faktur pajak."),
        rows=tuple(
            Row(
                title=one.invoice.number,
                detail=one.invoice.customer.name,
                url=reverse("admin:billing_taxinvoice_change", args=[one.pk]),
                at=one.requested_at,
            )
            for one in asked
        ),
    )


def failed_steps(user: User) -> Card | None:
    """What the daily run could not do, and when it last ran."""
    if not user.has_perm("billing.view_billingfailure"):
        return None
    failed, count = first(BillingFailure.objects.filter(settled_at=None).select_related("customer"))
    last = BillingRun.objects.first()
    when = dates.short_moment(last.started_at) if last else _("belum pernah")
    return Card(
        key="run",
        icon="refresh",
        title=_("Proses harian gagal"),
        count=count,
        tone="danger",
        url=reverse("admin:billing_billingfailure_changelist", query={"settled_at__isempty": "1"}),
        more=_("Buka yang gagal"),
        calm=_("Proses harian terakhir: %(when)s.") % {"when": when},
        rows=tuple(
            Row(
                title=one.customer.name if one.customer else one.subject,
                detail=one.error[:80],
                url=reverse("admin:billing_billingfailure_change", args=[one.pk]),
                at=one.last_at,
            )
            for one in failed
        ),
    )


def books(user: User) -> Card | None:
    """Whether they agree, as the nightly check found; and that it did run."""
    if not user.has_perm("billing.view_ledgercheck"):
        return None
    check, now = checks.last(), timezone.now()
    found = check.count if check else 0
    page = reverse("admin:billing_ledgercheck_changelist")
    url = reverse("admin:billing_ledgercheck_change", args=[check.pk]) if found else page
    when = dates.short_moment(check.finished_at) if check else _("belum pernah")
    missed = []
    if checks.is_late(check, now):
        words, last = _("Pemeriksaan malam tidak berjalan"), _("Terakhir: %(when)s") % {"when": when}
        missed.append(Row(words, last, page, check.finished_at if check else now))
    kept = check.breaches[:ROWS] if check else []
    rows = [Row(f"{one['rule']} · {one['row']}", one["message"][:120], url, check.finished_at) for one in kept]
    return Card(
        key="books",
        icon="shield-check" if not found else "alert-triangle",
        title=_("Pemeriksaan buku"),
        count=found + len(missed),
        tone="danger" if found else "warning",
        url=url,
        more=_("Buka pemeriksaan"),
        calm=_("Semua buku cocok. Diperiksa %(when)s.") % {"when": when},
        rows=tuple([*missed, *rows][:ROWS]),
    )


def orders_today(user: User) -> Card | None:
    if not user.has_perm("billing.view_order"):
        return None
    midnight = timezone.make_aware(datetime.combine(timezone.localdate(), time.min))
    placed = Order.objects.filter(created_at__gte=midnight).order_by("-created_at", "-pk")
    orders, count = first(placed.select_related("customer", "invoice"))
    return Card(
        key="orders",
        icon="shopping-cart",
        title=_("Pesanan hari ini"),
        count=count,
        tone="info",
        url=reverse("admin:billing_order_changelist"),
        more=_("Semua pesanan"),
        calm=_("Belum ada pesanan hari ini."),
        rows=tuple(
            Row(
                title=_("Pesanan %(order)s · %(total)s") % {"order": one, "total": format_money(one.invoice.total)}
                if hasattr(one, "invoice")
                else _("Pesanan %(order)s") % {"order": one},
                detail=one.customer.name,
                url=reverse("admin:billing_order_change", args=[one.pk]),
                at=one.created_at,
            )
            for one in orders
        ),
    )


SOURCES: tuple[Callable[[User], Card | None], ...] = (
    money_waiting.payments_to_verify,
    money_waiting.lines_to_review,
    money_waiting.attempts_to_review,
    money_waiting.refunds_that_did_not_go,
    money_waiting.statements_to_decide,
    tickets_waiting,
    activations,
    onboardings,
    long_unpaid,
    asked_to_end,
    tax_invoices_asked_for,
    failed_steps,
    books,
    failed_emails,
    orders_today,
)


def cards(user: User) -> list[Card]:
    return [card for card in (source(user) for source in SOURCES) if card is not None]
