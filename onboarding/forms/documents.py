"""What customers do with documents: find them, and sign them."""

from decimal import Decimal, InvalidOperation

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from accounts.texts import validate_one_line
from billing import uploads
from billing.uploads import AcceptedFile
from onboarding import signing
from onboarding.models import Document

# Browsers offer these in the file dialogue; what is accepted is decided by the content.
SIGNED_TYPES = "application/pdf,image/jpeg,image/png,image/webp"
INVOICE = "invoice"


class DocumentFilterForm(forms.Form):
    """The documents page's filter, from the query string; what is not understood filters nothing."""

    KINDS = [("", _("Semua")), (INVOICE, _("Tagihan")), *Document.Kind.choices]
    STATES = [("", _("Semua")), ("sign", _("Menunggu tanda tangan")), ("signed", _("Sudah ditandatangani"))]

    kind = forms.ChoiceField(label=_("Jenis"), choices=KINDS, required=False)
    state = forms.ChoiceField(label=_("Status"), choices=STATES, required=False)
    case = forms.CharField(
        label=_("Onboarding"), required=False, max_length=11, validators=[validate_one_line], widget=forms.Select
    )
    q = forms.CharField(
        label=_("Cari"),
        required=False,
        max_length=100,
        validators=[validate_one_line],
        widget=forms.TextInput(attrs={"type": "search", "autocomplete": "off"}),
    )

    def offer(self, cases: dict[str, str], *, invoices: bool) -> None:
        """The cases by number, and whether there are invoices to choose."""
        self.fields["case"].widget.choices = [("", _("Semua")), *cases.items()]
        if not invoices:
            self.fields["kind"].choices = [one for one in self.KINDS if one[0] != INVOICE]


class TotalField(forms.CharField):
    """What the page said that a quotation costs today; nothing for other documents."""

    widget = forms.HiddenInput

    def clean(self, value) -> Decimal | None:
        try:
            return Decimal(value) if value else None
        except InvalidOperation:
            raise ValidationError(_("Muat ulang halaman ini, lalu coba lagi.")) from None


class SignForm(forms.Form):
    """Who signs which version."""

    version = forms.IntegerField(widget=forms.HiddenInput)
    total = TotalField(required=False)
    name = forms.CharField(
        label=_("Nama lengkap penanda tangan"),
        max_length=150,
        validators=[validate_one_line],
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
        error_messages={"required": _("Isi nama lengkap penanda tangan.")},
    )
    agree = forms.BooleanField(
        label=_("Saya sudah membaca dokumen ini, menyetujuinya, dan berwenang menandatanganinya."),
        error_messages={"required": _("Centang bila Anda menyetujui dokumen ini.")},
    )


class TypedForm(SignForm):
    prefix = "typed"
    way = "typed"


class UploadForm(SignForm):
    prefix = "uploaded"
    way = "uploaded"

    file = forms.FileField(
        label=_("Berkas yang sudah ditandatangani"),
        widget=forms.FileInput(attrs={"accept": SIGNED_TYPES}),
        help_text=_("PDF, JPG, PNG, atau WebP, paling besar 10 MB."),
        error_messages={"required": _("Lampirkan berkas yang sudah ditandatangani.")},
    )

    def clean_file(self) -> AcceptedFile:
        return uploads.accept(self.cleaned_data["file"], kinds=signing.KINDS, max_bytes=signing.MAX_BYTES)


FORMS = {form.way: form for form in (TypedForm, UploadForm)}
