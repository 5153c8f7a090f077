"""New renewal prices: one service's unit prices by a button, many services by percent."""

from decimal import Decimal

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.staff_pages import Button, StaffForm
from billing import repricing
from billing.models import Service
from catalog.forms import RupiahField
from catalog.money import format_money

PERMISSION = "billing.reprice_service"


def _note() -> forms.CharField:
    return forms.CharField(label=_("Alasan"), max_length=300, help_text=_("Dicatat di riwayat layanan."))


class UnitPricesForm(StaffForm):
    """A price for each component of the service's renewal."""

    def set_up(self) -> None:
        for part in self.subject.components.all():
            label = f"{part.description} (× {part.quantity})" if part.quantity > 1 else part.description
            self.fields[f"price_{part.pk}"] = RupiahField(label=label, initial=part.unit_price)
        self.fields["note"] = _note()

    @property
    def unit_prices(self) -> dict[int, Decimal]:
        return {part.pk: self.cleaned_data[f"price_{part.pk}"] for part in self.subject.components.all()}

    def clean(self) -> dict:
        cleaned = super().clean()
        if not self.errors:
            cleaned["unit_prices"] = self.unit_prices
        return cleaned


def _reprice(service: Service, actor: User, cleaned: dict) -> str:
    repricing.reprice(service=service, unit_prices=cleaned["unit_prices"], actor=actor, note=cleaned["note"])
    price = format_money(service.recurring_net, service.currency)
    return gettext("%(service)s diperpanjang dengan %(price)s (neto).") % {"service": service, "price": price}


BUTTON = Button(
    name="reprice",
    label=_("Ubah harga perpanjangan"),
    permission=PERMISSION,
    explain=_("Berlaku untuk tagihan perpanjangan berikutnya. Tagihan yang sudah terbit tidak berubah."),
    form=UnitPricesForm,
    run=_reprice,
    shown=repricing.can_reprice,
    refusals=(repricing.CannotReprice,),
)


class PercentForm(forms.Form):
    percent = forms.DecimalField(
        label=_("Perubahan (%)"),
        min_value=-90,
        max_value=500,
        max_digits=5,
        decimal_places=2,
        localize=True,
        help_text=_("Contoh: 10 menaikkan harga sepuluh persen, -5 menurunkannya lima persen."),
    )
    note = _note()
    # What the shown prices were computed with: another percent is shown first, too.
    shown = forms.DecimalField(required=False, widget=forms.HiddenInput)

    @property
    def is_shown(self) -> bool:
        return self.cleaned_data["shown"] == self.cleaned_data["percent"]


class RepricesByPercent(admin.ModelAdmin):
    """The list's action: it shows every old and new price before it changes any."""

    @admin.action(description=_("Ubah harga perpanjangan (persen)"), permissions=["reprice"])
    def reprice(self, request: HttpRequest, queryset: QuerySet[Service]) -> HttpResponse | None:
        services = [one for one in queryset.prefetch_related("components").order_by("pk") if repricing.can_reprice(one)]
        if not services:
            messages.warning(request, gettext("Tidak ada layanan berulang yang masih berjalan di antara yang dipilih."))
            return None
        asked = "percent" in request.POST
        form = PercentForm(request.POST if asked else None)
        if asked and form.is_valid() and "confirmed" in request.POST and form.is_shown:
            return self._apply(request, services, form.cleaned_data)
        return self.page_of_prices(request, services, form, action="reprice")

    def page_of_prices(
        self, request: HttpRequest, services: list[Service], form: "PercentForm", *, action: str
    ) -> HttpResponse:
        """Asks for the percent, and shows what it makes of each price."""
        preview = [(one, self._after(one, form)) for one in services] if form.is_bound and form.is_valid() else []
        if preview:
            form.data = {**form.data.dict(), "shown": form.cleaned_data["percent"]}
        context = {
            **self.admin_site.each_context(request),
            "title": gettext("Umumkan harga baru") if action == "announce" else gettext("Ubah harga perpanjangan"),
            "action": action,
            "opts": self.model._meta,
            "form": form,
            "preview": preview,
            "services": services,
            "checkbox": ACTION_CHECKBOX_NAME,
        }
        return TemplateResponse(request, "admin/billing/reprice.html", context, status=422 if form.errors else 200)

    def has_reprice_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm(PERMISSION)

    def _after(self, service: Service, form: PercentForm) -> Decimal:
        return repricing.new_net(service, repricing.by_percent(service, form.cleaned_data["percent"]))

    def _apply(self, request: HttpRequest, services: list[Service], cleaned: dict) -> None:
        """Each in its own transaction: one that is refused stops no other, and is named."""
        if not self.has_reprice_permission(request):
            raise PermissionDenied
        done = 0
        for service in services:
            prices = repricing.by_percent(service, cleaned["percent"])
            try:
                repricing.reprice(service=service, unit_prices=prices, actor=request.user, note=cleaned["note"])
            except repricing.CannotReprice as refusal:
                messages.warning(request, str(refusal))
            else:
                self.log_change(request, service, gettext("Harga perpanjangan diubah"))
                done += 1
        words = ngettext("Harga %(count)d layanan diubah.", "Harga %(count)d layanan diubah.", done)
        messages.success(request, words % {"count": done})
