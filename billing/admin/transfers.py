"""Services that are handed over: the list, each service's own, and a button that takes an offer back."""

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.staff_pages import Button, ReadOnlyAdmin, ReadOnlyInline, ServiceButtons
from billing import transfers
from billing.admin.columns import page_of
from billing.models import ServiceTransfer


class TransferInline(ReadOnlyInline):
    model = ServiceTransfer
    fields = readonly_fields = [
        "from_customer", "email", "to_customer", "offered_by", "offered_at", "accepted_at", "declined_at", "withdrawn_at",
    ]  # fmt: skip

    def get_queryset(self, request: HttpRequest) -> QuerySet[ServiceTransfer]:
        return super().get_queryset(request).select_related("from_customer", "to_customer", "offered_by")


def _withdraw(transfer: ServiceTransfer, actor: User, cleaned: dict) -> str:
    transfers.withdraw(transfer=transfer, actor=actor)
    return gettext("Ditarik: %(service)s tetap milik %(customer)s.") % {
        "service": transfer.service,
        "customer": transfer.from_customer,
    }


@admin.register(ServiceTransfer)
class ServiceTransferAdmin(ServiceButtons, ReadOnlyAdmin):
    list_display = ["service", "from_customer", "email", "to_customer", "offered_at", "state"]
    list_filter = [
        ("accepted_at", admin.EmptyFieldListFilter),
        ("declined_at", admin.EmptyFieldListFilter),
        ("withdrawn_at", admin.EmptyFieldListFilter),
    ]
    search_fields = ["email", "service__name_id", "service__domain", "from_customer__name", "to_customer__name"]
    fields = readonly_fields = [
        page_of("service", _("layanan")), page_of("from_customer", _("dari")), "email",
        page_of("to_customer", _("kepada")), "state", "offered_by", "offered_at", "expires_at", "accepted_by",
        "accepted_at", "declined_at", "withdrawn_at",
    ]  # fmt: skip
    buttons = [
        Button(
            name="withdraw",
            label=_("Tarik tawaran"),
            permission="billing.change_service",
            explain=_("Tautan di email penerima tidak berlaku lagi; ia diberi tahu."),
            run=_withdraw,
            shown=lambda transfer: transfer.is_open,
            refusals=(transfers.CannotTransfer,),
        )
    ]

    def get_queryset(self, request: HttpRequest) -> QuerySet[ServiceTransfer]:
        return super().get_queryset(request).select_related("service", "from_customer", "to_customer")

    @admin.display(description=_("keadaan"))
    def state(self, transfer: ServiceTransfer) -> str:
        if transfer.accepted_at:
            return gettext("Diterima")
        if transfer.declined_at:
            return gettext("Ditolak")
        return gettext("Menunggu jawaban") if transfer.is_open else gettext("Ditarik atau lewat waktu")
