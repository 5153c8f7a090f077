"""What staff fills in at the payment desk: the amount that came in, or why a proof is refused."""

from django import forms
from django.core.exceptions import ValidationError
from django.utils import translation
from django.utils.translation import gettext_lazy as _

from billing.forms import RupiahField

# In the customer's language when sent; staff may add to it.
REASONS = {
    "not_found": _("Transfer ini belum kami temukan di mutasi rekening kami."),
    "other_amount": _("Jumlah di bukti tidak sama dengan jumlah yang Anda isi."),
    "unreadable": _("Bukti tidak terbaca. Kirim tangkapan layar atau foto yang lebih jelas."),
    "other_account": _("Transfer pada bukti bukan ke rekening kami."),
    "used": _("Bukti ini sudah dipakai untuk tagihan lain."),
    "slip": _("Bukti potong PPh 23 tidak terbaca atau tidak cocok dengan tagihan ini."),
}


class ApproveForm(forms.Form):
    amount = RupiahField(
        label=_("Jumlah yang benar-benar masuk"), help_text=_("Ubah bila mutasi rekening menunjukkan jumlah lain.")
    )


class RejectForm(forms.Form):
    preset = forms.ChoiceField(
        label=_("Alasan"), choices=lambda: list(REASONS.items()), widget=forms.RadioSelect, required=False
    )
    detail = forms.CharField(
        label=_("Penjelasan untuk pelanggan"),
        max_length=1000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )

    def clean(self) -> dict:
        cleaned = super().clean()
        if not cleaned.get("preset") and not cleaned.get("detail", "").strip():
            raise ValidationError(_("Pilih alasan atau tulis penjelasan: pelanggan akan membacanya."))
        return cleaned

    def reason(self, language: str) -> str:
        with translation.override(language):
            preset = str(REASONS.get(self.cleaned_data["preset"], ""))
        return " ".join(part for part in (preset, self.cleaned_data["detail"].strip()) if part)
