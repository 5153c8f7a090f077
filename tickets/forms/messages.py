"""What a customer writes in a ticket."""

import uuid

from django import forms
from django.utils.translation import gettext_lazy as _

from billing.forms import FilesField, FilesInput
from tickets import files
from tickets.writing import LONGEST_BODY

# Browsers offer these in the file dialogue; what is accepted is decided by the content.
ATTACHMENT_TYPES = "image/jpeg,image/png,image/webp,application/pdf,.txt,.log,.csv"


class MessageForm(forms.Form):
    """A message with its files. ``submission_key`` names this one writing: the same one sent twice is one message."""

    submission_key = forms.UUIDField(widget=forms.HiddenInput)
    body = forms.CharField(
        label=_("Balas"),
        max_length=LONGEST_BODY,
        widget=forms.Textarea(attrs={"rows": 5}),
        error_messages={"required": _("Tulis pesan Anda.")},
        help_text=_("Boleh memakai Markdown. Ctrl+Enter mengirim."),
    )
    files = FilesField(
        label=_("Lampiran"),
        most=files.MOST_FILES,
        required=False,
        widget=FilesInput(attrs={"accept": ATTACHMENT_TYPES}),
        help_text=_("JPG, PNG, WebP, PDF, atau teks. Paling banyak 5 berkas, masing-masing paling besar 10 MB."),
    )

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.fields["submission_key"].initial = uuid.uuid4


class RatingForm(forms.Form):
    """Whether we helped, once, when the ticket is closed (Q4)."""

    good = forms.TypedChoiceField(
        label=_("Apakah jawaban kami membantu?"),
        choices=[("1", _("Ya, membantu")), ("0", _("Belum"))],
        coerce=lambda value: value == "1",
        empty_value=None,
        widget=forms.RadioSelect,
        error_messages={"required": _("Pilih salah satu.")},
    )
    comment = forms.CharField(
        label=_("Komentar"), required=False, max_length=1000, widget=forms.Textarea(attrs={"rows": 2})
    )
