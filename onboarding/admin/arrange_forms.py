"""The small forms of a case's pages: a stage, a reason, other times, an outcome, and a case that is opened."""

import uuid
from collections.abc import Iterable
from zoneinfo import ZoneInfo

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from accounts import provinces
from accounts.models import Customer, User
from catalog.models import Product
from onboarding.admin.forms import NOBODY, day_field, moments, text_area, time_field
from onboarding.models import Appointment, Stage, Template
from onboarding.models.cases import TIME_ZONES


class StageForm(forms.Form):
    """Of one stage: who looks after it, and by when it is expected."""

    pic = forms.ChoiceField(label=_("PIC"), required=False)
    due_on = day_field(
        label=_("Target selesai"), required=False, help_text=_("Target tahap sesudahnya ikut menyesuaikan.")
    )

    def __init__(self, *args, stage: Stage, people: Iterable[User], pic: User | None, **kwargs) -> None:
        self.people = {str(person.pk): person for person in people}
        if pic is not None:
            self.people.setdefault(str(pic.pk), pic)
        initial = {"pic": str(pic.pk) if pic else NOBODY, "due_on": stage.due_on}
        super().__init__(*args, initial=initial, **kwargs)
        self.fields["pic"].choices = [
            (NOBODY, _("belum ada PIC")),
            *((key, str(person)) for key, person in self.people.items()),
        ]

    def clean_pic(self) -> User | None:
        return self.people.get(self.cleaned_data["pic"])


class ReasonForm(forms.Form):
    reason = forms.CharField(
        label=_("Alasan"),
        widget=text_area(3),
        help_text=_("Hanya dibaca staf: pelanggan tidak pernah melihatnya."),
        error_messages={"required": _("Tulis alasannya.")},
    )


class StopForm(ReasonForm):
    cancel_order = forms.BooleanField(label=_("Batalkan juga pesanan yang belum dibayar"), required=False)


class TimesForm(forms.Form):
    """When an appointment is to be instead, by the clock of its time zone. ``seen`` is its sequence on the page."""

    seen = forms.IntegerField(widget=forms.HiddenInput)
    day = day_field(label=_("Tanggal"))
    starts = time_field(label=_("Mulai"))
    ends = time_field(label=_("Selesai"))

    def __init__(self, *args, appointment: Appointment, **kwargs) -> None:
        zone = ZoneInfo(appointment.time_zone)
        starts_at, ends_at = (at.astimezone(zone) for at in (appointment.starts_at, appointment.ends_at))
        initial = {
            "seen": appointment.sequence,
            "day": starts_at.date(),
            "starts": starts_at.time(),
            "ends": ends_at.time(),
        }
        super().__init__(*args, initial=initial, **kwargs)
        self.appointment = appointment

    def clean(self) -> dict:
        cleaned = super().clean()
        if not self.errors:
            given = (cleaned["day"], cleaned["starts"], cleaned["ends"], self.appointment.time_zone)
            cleaned["starts_at"], cleaned["ends_at"] = moments(*given)
        return cleaned


class SeenForm(forms.Form):
    seen = forms.IntegerField(widget=forms.HiddenInput)


class OutcomeForm(SeenForm):
    outcome = forms.CharField(
        label=_("Hasil"),
        required=False,
        widget=text_area(3),
        help_text=_("Dibaca pelanggan, misalnya temuan review."),
    )


class OpenForm(forms.Form):
    key = forms.UUIDField(widget=forms.HiddenInput, initial=uuid.uuid4)
    product = forms.ModelChoiceField(
        label=_("Produk"),
        queryset=Product.objects.none(),
        empty_label=_("pilih produk"),
        error_messages={"required": _("Pilih produknya.")},
    )
    language = forms.ChoiceField(label=_("Bahasa"), choices=settings.LANGUAGES)
    time_zone = forms.ChoiceField(label=_("Zona waktu"), choices=TIME_ZONES)

    def __init__(self, *args, customer: Customer, **kwargs) -> None:
        initial = {"language": customer.language, "time_zone": provinces.time_zone_of(customer.province)}
        super().__init__(*args, initial=initial, **kwargs)
        templates = Template.objects.values("product")
        self.fields["product"].queryset = Product.objects.filter(pk__in=templates).order_by("name_id", "pk")
