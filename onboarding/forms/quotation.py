"""What staff fills in for a quotation beside its items (``catalog.item_forms``)."""

import uuid
from datetime import timedelta

from django import forms
from django.http import QueryDict
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from billing import paymethods
from billing.forms import RowField
from catalog.promotions import MAX_CODE
from onboarding.models import Quotation
from onboarding.quoting import Proposal

DAYS_VALID = 14
LONGEST_NOTE = 2000


class TermsForm(forms.Form):
    """``key`` names this one writing; ``seen`` is the version on top of which it is written."""

    prefix = "terms"
    key = forms.UUIDField(widget=forms.HiddenInput, initial=uuid.uuid4)
    seen = forms.IntegerField(widget=forms.HiddenInput, required=False)
    payment_method = RowField(label=_("Metode pembayaran"))
    valid_until = forms.DateField(
        label=_("Berlaku sampai"),
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
        help_text=_("Sampai hari itu pelanggan memesan dengan harga ini, apa pun yang berubah di katalog."),
    )
    promotion_code = forms.CharField(
        label=_("Kode promo"),
        required=False,
        max_length=MAX_CODE,
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )
    note = forms.CharField(
        label=_("Catatan untuk pelanggan"),
        required=False,
        max_length=LONGEST_NOTE,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("Tercetak di penawaran."),
    )

    def __init__(self, *args, quotation: Quotation | None, seen: int | None, **kwargs) -> None:
        initial = {"valid_until": timezone.localdate() + timedelta(days=DAYS_VALID), "seen": seen}
        if quotation:
            still = max(quotation.valid_until, timezone.localdate())
            initial |= {
                "payment_method": quotation.payment_method_id,
                "valid_until": still if still == quotation.valid_until else initial["valid_until"],
                "promotion_code": quotation.promotion_code,
                "note": quotation.note,
            }
        super().__init__(*args, initial=initial | kwargs.pop("initial", {}), **kwargs)
        self.fields["payment_method"].offer(paymethods.active())
        self.fields["valid_until"].widget.attrs["min"] = timezone.localdate().isoformat()

    @classmethod
    def as_typed(cls, data: QueryDict, **more) -> "TermsForm":
        """With what was typed so far, which nobody has sent yet: nothing of it is wrong."""
        typed = {name: data[f"{cls.prefix}-{name}"] for name in cls.base_fields if f"{cls.prefix}-{name}" in data}
        return cls(initial=typed, **more)

    def proposal(self, items) -> Proposal:
        """After ``is_valid``."""
        given = self.cleaned_data
        return Proposal(items, given["payment_method"], given["valid_until"], given["promotion_code"], given["note"])
