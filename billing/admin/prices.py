"""Prices that are announced: one service's unit prices by a button, many services by percent, and the list of what is to
come."""

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from accounts.dates import long_date
from accounts.models import User
from accounts.staff_pages import Button, ReadOnlyAdmin, ReadOnlyInline, ServiceButtons
from billing import price_changes, repricing
from billing.admin.columns import money, page_of
from billing.admin.repricing import PERMISSION, PercentForm, RepricesByPercent, UnitPricesForm
from billing.models import PriceChange, Service


class _Announced(forms.Form):
    """From which day on the price is for, not before the notice that customers are promised."""

    effective_from = forms.DateField(
        label=_("Berlaku untuk periode mulai"), widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})
    )

    def suggest(self) -> None:
        first = price_changes.earliest(timezone.localdate())
        field = self.fields["effective_from"]
        field.initial = first
        field.widget.attrs["min"] = first.isoformat()
        self.fields["note"].help_text = _("Pelanggan membacanya di email dan di halaman layanannya.")

    def clean_effective_from(self):
        day, first = self.cleaned_data["effective_from"], price_changes.earliest(timezone.localdate())
        if day < first:
            raise forms.ValidationError(gettext("Pilih %(day)s atau sesudahnya.") % {"day": long_date(first)})
        return day


class AnnouncedPricesForm(UnitPricesForm, _Announced):
    def set_up(self) -> None:
        super().set_up()
        self.suggest()
        self.order_fields([*(name for name in self.fields if name.startswith("price_")), "effective_from", "note"])


class AnnouncedPercentForm(PercentForm, _Announced):
    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.suggest()
        self.order_fields(["percent", "effective_from", "note"])


def _announce(service: Service, actor: User, cleaned: dict) -> str:
    change = price_changes.announce(
        service=service,
        unit_prices=cleaned["unit_prices"],
        effective_from=cleaned["effective_from"],
        note=cleaned["note"],
        actor=actor,
    )
    return gettext("Harga baru %(service)s diumumkan untuk periode mulai %(day)s; pelanggan diberi tahu.") % {
        "service": service,
        "day": long_date(change.effective_from),
    }


BUTTON = Button(
    name="announce",
    label=_("Umumkan harga baru"),
    permission=PERMISSION,
    explain=_(
        "Pelanggan diberi tahu sekarang. Periode yang mulai pada tanggal itu atau sesudahnya memakai harga baru."
    ),
    form=AnnouncedPricesForm,
    run=_announce,
    shown=lambda service: repricing.can_reprice(service) and service.ends_on is None,
    refusals=(price_changes.CannotAnnounce,),
)


class AnnouncesByPercent(RepricesByPercent):
    """The list's action: it shows every old and new price before it tells anybody."""

    @admin.action(description=_("Umumkan harga baru (persen)"), permissions=["reprice"])
    def announce(self, request: HttpRequest, queryset: QuerySet[Service]) -> HttpResponse | None:
        services = [
            one
            for one in queryset.prefetch_related("components").order_by("pk")
            if repricing.can_reprice(one) and one.ends_on is None
        ]
        if not services:
            messages.warning(request, gettext("Tidak ada layanan berulang yang masih berjalan di antara yang dipilih."))
            return None
        asked = "percent" in request.POST
        form = AnnouncedPercentForm(request.POST if asked else None)
        if asked and form.is_valid() and "confirmed" in request.POST and form.is_shown:
            return self._announce(request, services, form.cleaned_data)
        return self.page_of_prices(request, services, form, action="announce")

    def _announce(self, request: HttpRequest, services: list[Service], cleaned: dict) -> None:
        """Each in its own transaction: one that is refused stops no other, and is named."""
        if not request.user.has_perm(PERMISSION):
            raise PermissionDenied
        done = 0
        for service in services:
            try:
                price_changes.announce(
                    service=service,
                    unit_prices=repricing.by_percent(service, cleaned["percent"]),
                    effective_from=cleaned["effective_from"],
                    note=cleaned["note"],
                    actor=request.user,
                )
            except price_changes.CannotAnnounce as refusal:
                messages.warning(request, str(refusal))
            else:
                self.log_change(request, service, gettext("Harga baru diumumkan"))
                done += 1
        words = ngettext("Harga baru %(count)d layanan diumumkan.", "Harga baru %(count)d layanan diumumkan.", done)
        messages.success(request, words % {"count": done})


class PriceChangeInline(ReadOnlyInline):
    model = PriceChange
    fields = readonly_fields = [
        "effective_from", money("old_net", _("dari")), money("new_net", _("menjadi")), "note",
        "announced_by", "announced_at", "applied_at", "cancelled_at",
    ]  # fmt: skip

    def get_queryset(self, request: HttpRequest) -> QuerySet[PriceChange]:
        return super().get_queryset(request).select_related("announced_by")


class StateFilter(admin.SimpleListFilter):
    title = _("keadaan")
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin) -> list[tuple[str, str]]:
        return [("coming", gettext("Akan datang")), ("applied", gettext("Berlaku")), ("cancelled", gettext("Ditarik"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        chosen = {
            "coming": {"applied_at": None, "cancelled_at": None},
            "applied": {"applied_at__isnull": False},
            "cancelled": {"cancelled_at__isnull": False},
        }
        return queryset.filter(**chosen.get(self.value(), {}))


def _withdraw(change: PriceChange, actor: User, cleaned: dict) -> str:
    price_changes.withdraw(change=change, actor=actor)
    return gettext("Ditarik: harga %(service)s tetap, dan pelanggan diberi tahu.") % {"service": change.service}


@admin.register(PriceChange)
class PriceChangeAdmin(ServiceButtons, ReadOnlyAdmin):
    list_display = [
        "service", "customer", money("old_net", _("dari")), money("new_net", _("menjadi")), "effective_from", "state",
    ]  # fmt: skip
    list_filter = [StateFilter, "effective_from"]
    search_fields = ["service__name_id", "service__domain", "service__customer__name"]
    fields = readonly_fields = [
        page_of("service", _("layanan")), "customer", money("old_net", _("harga lama (neto)")),
        money("new_net", _("harga baru (neto)")), "effective_from", "state", "note", "announced_by", "announced_at",
        "applied_at", "cancelled_at",
    ]  # fmt: skip
    buttons = [
        Button(
            name="withdraw",
            label=_("Tarik perubahan harga"),
            permission=PERMISSION,
            explain=_("Harga tetap seperti sekarang, dan pelanggan diberi tahu."),
            run=_withdraw,
            shown=lambda change: change.applied_at is None and change.cancelled_at is None,
            refusals=(price_changes.CannotWithdraw,),
        )
    ]

    def get_queryset(self, request: HttpRequest) -> QuerySet[PriceChange]:
        return super().get_queryset(request).select_related("service__customer", "announced_by")

    @admin.display(description=_("pelanggan"), ordering="service__customer__name")
    def customer(self, change: PriceChange) -> str:
        return str(change.service.customer)

    @admin.display(description=_("keadaan"))
    def state(self, change: PriceChange) -> str:
        if change.applied_at:
            return gettext("Berlaku")
        return gettext("Ditarik") if change.cancelled_at else gettext("Akan datang")


__all__ = ["BUTTON", "AnnouncesByPercent", "PriceChangeAdmin", "PriceChangeInline"]
