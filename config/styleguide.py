"""The style guide: every part of the stylesheet on one page for staff, in both themes, with and without errors."""

from datetime import timedelta

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from config.badges import BADGES

THEMES = ("light", "dark")


class SampleForm(forms.Form):
    """One field of each kind that the field template lays out."""

    name = forms.CharField(label=_("Nama perusahaan"), help_text=_("Seperti di NPWP."))
    email = forms.EmailField(label=_("Email"))
    password = forms.CharField(label=_("Kata sandi"), widget=forms.PasswordInput)
    amount = forms.CharField(label=_("Jumlah yang ditransfer"), help_text=_("Angka saja, contoh: 3.607.500"))
    bank = forms.ChoiceField(
        label=_("Transfer ke"), choices=[("bca", "BCA 123 456 7890"), ("mandiri", "Mandiri 137 00")]
    )
    cycle = forms.ChoiceField(
        label=_("Siklus"), widget=forms.RadioSelect, choices=[("monthly", _("Bulanan")), ("annually", _("Tahunan"))]
    )
    services = forms.MultipleChoiceField(
        label=_("Layanan terkait"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        choices=[("hosting", "Cloud Hosting"), ("backup", "Backup 365")],
    )
    notes = forms.CharField(label=_("Catatan"), required=False, widget=forms.Textarea(attrs={"rows": 3}))
    proof = forms.FileField(
        label=_("Bukti transfer"), required=False, help_text=_("JPG, PNG, atau PDF. Maksimal 5 MB.")
    )
    terms = forms.BooleanField(label=_("Saya sudah membaca dan menyetujui Ketentuan Layanan"))

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.fields["amount"].prefix = "Rp"
        self.fields["email"].icon = "mail"


def _theme(request: HttpRequest) -> str:
    asked = request.GET.get("theme", "")
    return asked if asked in THEMES else THEMES[0]


@require_safe
def styleguide(request: HttpRequest) -> HttpResponse:
    messages.success(request, _("Perubahan disimpan."))
    messages.error(request, _("Pembayaran ini sudah diputuskan."))
    filled = {"name": "PT Sinar Abadi Sentosa", "email": "rina@example.com", "cycle": "monthly"}
    context = {
        "themes": {"light": _("Terang"), "dark": _("Gelap")},
        "theme": _theme(request),
        "sample_form": SampleForm(initial=filled, auto_id="sample_%s"),
        "wrong_form": SampleForm({"name": "PT Sinar Abadi Sentosa"}, auto_id="wrong_%s"),
        "badges": [(model._meta.verbose_name, table.values()) for model, table in BADGES.items()],
        "page_obj": Paginator(range(90), 30).page(2),
        "due": timezone.now() + timedelta(days=3),
        "now": timezone.now(),
    }
    return render(request, "config/styleguide.html", context)
