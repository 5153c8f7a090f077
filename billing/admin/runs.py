"""The daily run in the admin: when it ran and what it did, and what it could not do, to be tried again or let go."""

from django.contrib import admin
from django.db import models
from django.http import HttpRequest
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.staff_pages import Button, ReadOnlyAdmin, ServiceButtons
from billing import daily, failures
from billing.admin.columns import page_of
from billing.models import BillingFailure, BillingRun

# What each step counts, as staff read it.
COUNTS = {
    ("prices", "applied"): _("harga baru berlaku"),
    ("prices", "dropped"): _("perubahan harga gugur"),
    ("renewals", "invoices"): _("tagihan perpanjangan"),
    ("renewals", "services"): _("layanan diperpanjang"),
    ("reminders", "sent"): _("pengingat"),
    ("suspensions", "suspended"): _("layanan ditangguhkan"),
    ("cancellations", "ended"): _("layanan berakhir atas permintaan"),
    ("orders", "warned"): _("pesanan diperingatkan"),
    ("orders", "cancelled"): _("pesanan dibatalkan"),
    ("transfers", "expired"): _("tawaran pemindahan lewat waktu"),
    ("changes", "cancelled"): _("perubahan layanan dibatalkan"),
    ("late_fees", "charged"): _("denda dikenakan"),
    ("statements", "matched"): _("transfer dikenali"),
    ("funds", "cancelled"): _("isi kredit dibatalkan"),
}
STEPS = {
    "price": _("Perubahan harga"),
    "renewal": _("Tagihan perpanjangan"),
    "reminder": _("Pengingat"),
    "suspension": _("Penangguhan"),
    "cancellation": _("Berhenti atas permintaan"),
    "order": _("Pesanan yang tidak dibayar"),
    "transfer": _("Pemindahan layanan"),
    "change": _("Perubahan layanan yang tidak dibayar"),
    "late_fee": _("Denda keterlambatan"),
    "funds": _("Isi kredit yang tidak dibayar"),
    "statement": _("Mutasi rekening"),
}


@admin.register(BillingRun)
class BillingRunAdmin(ReadOnlyAdmin):
    list_display = ["day", "started_at", "finished_at", "did", "failed"]
    list_filter = ["day"]
    fields = readonly_fields = ["day", "started_at", "seen_at", "finished_at", "did", "failed"]

    @admin.display(description=_("hasil"))
    def did(self, run: BillingRun) -> str:
        """What was not nothing."""
        counted = [
            f"{run.counts[step][name]} {words}"
            for (step, name), words in COUNTS.items()
            if run.counts.get(step, {}).get(name)
        ]
        return ", ".join(counted) or gettext("tidak ada yang perlu dikerjakan")


def try_again(failure: BillingFailure, actor: User, cleaned: dict) -> str:
    daily.retry(failure=failure, today=timezone.localdate())
    return gettext("Berhasil.")


def let_go(failure: BillingFailure, actor: User, cleaned: dict) -> str:
    failures.settle(failure.step, failure.subject, actor)
    return gettext("Dicatat sebagai beres. Bila gagal lagi, akan muncul lagi di sini.")


def is_open(failure: BillingFailure) -> bool:
    return failure.settled_at is None


@admin.register(BillingFailure)
class BillingFailureAdmin(ServiceButtons, ReadOnlyAdmin):
    list_display = ["what", "customer", "error_in_short", "last_at", "times", "settled_at"]
    list_filter = ["step", ("settled_at", admin.EmptyFieldListFilter)]
    list_select_related = ["customer"]
    search_fields = ["subject", "customer__name", "error"]
    fields = readonly_fields = [
        "what", page_of("customer", _("pelanggan")), "error", "first_at", "last_at", "times", "settled_at", "settled_by",
    ]  # fmt: skip
    buttons = [
        Button(
            name="retry",
            label=_("Coba lagi"),
            permission="billing.change_billingfailure",
            explain=_("Langkah ini dikerjakan lagi untuk yang gagal saja, seperti keadaannya sekarang."),
            run=try_again,
            shown=is_open,
            refusals=(daily.StillFails,),
        ),
        Button(
            name="settle",
            label=_("Sudah beres"),
            permission="billing.change_billingfailure",
            explain=_("Untuk yang sudah diselesaikan dengan cara lain."),
            run=let_go,
            shown=is_open,
        ),
    ]

    def get_queryset(self, request: HttpRequest) -> models.QuerySet:
        return super().get_queryset(request).select_related("customer", "settled_by")

    @admin.display(description=_("kegagalan"), ordering="step")
    def what(self, failure: BillingFailure) -> SafeString | str:
        return f"{STEPS.get(failure.step, failure.step)} · {failure.subject}"

    @admin.display(description=_("galat"))
    def error_in_short(self, failure: BillingFailure) -> str:
        return failure.error[:80]
