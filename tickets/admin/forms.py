"""What staff types on the pages of tickets. The forms read and check; services do the rest."""

import uuid
from collections.abc import Iterable

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Model, Q, QuerySet
from django.utils.text import Truncator
from django.utils.translation import gettext_lazy as _

from accounts.dates import short_moment
from accounts.models import User
from accounts.texts import validate_one_line
from billing import uploads
from billing.forms import ConfirmationForm, FilesField, FilesInput, RowField
from billing.models import Invoice, Service
from tickets import arranging, files, replies, transitions, writing
from tickets.models import Attachment, Department, Message, Priority, Ticket

# Browsers offer these in the file dialogue; what is accepted is decided by the content.
FILE_TYPES = "image/jpeg,image/png,image/webp,application/pdf,text/plain,.log,.csv"
MOST_OFFERED = 50
PROOF_TYPES = frozenset(kind.content_type for kind in uploads.PROOFS)
_AFTER = {
    Ticket.Status.ANSWERED: _("Dijawab: menunggu pelanggan"),
    Ticket.Status.IN_PROGRESS: _("Dikerjakan: kami masih menangani"),
    Ticket.Status.ON_HOLD: _("Ditahan: menunggu pihak lain"),
    Ticket.Status.CLOSED: _("Selesai: tutup tiket"),
}


def _text(rows: int, **attrs: str) -> forms.Textarea:
    return forms.Textarea(attrs={"rows": rows, "maxlength": writing.LONGEST_BODY, **attrs})


class OptionalRow(RowField):
    """One of a few rows, or none of them."""

    def __init__(self, *args, none: str, **kwargs) -> None:
        self.none = none
        super().__init__(*args, required=False, empty_value=None, **kwargs)

    def offer(self, rows: Iterable[Model]) -> None:
        super().offer(rows)
        self.choices = [("", self.none), *self.choices]


class ReplyForm(forms.Form):
    """``seen`` is the newest message on the page that the answer is written on."""

    prefix = "reply"
    key = forms.UUIDField(widget=forms.HiddenInput, initial=uuid.uuid4)
    seen = forms.IntegerField(widget=forms.HiddenInput, required=False)
    body = forms.CharField(
        label=_("Balasan untuk pelanggan"),
        widget=_text(8, **{"data-key": "r", "data-draft": "reply"}),
        help_text=_("Boleh memakai Markdown. Pelanggan menerimanya lewat email juga."),
    )
    files = FilesField(
        label=_("Lampiran"),
        most=files.MOST_FILES,
        required=False,
        widget=FilesInput(attrs={"accept": FILE_TYPES}),
        help_text=_("Paling banyak 5 berkas, masing-masing 10 MB: gambar, PDF, atau teks."),
    )
    then = forms.ChoiceField(
        label=_("Sesudah dikirim, status tiket"),
        choices=[(status, _AFTER[status]) for status in replies.AFTER_A_REPLY],
        initial=Ticket.Status.ANSWERED,
    )


class NoteForm(forms.Form):
    prefix = "note"
    key = forms.UUIDField(widget=forms.HiddenInput, initial=uuid.uuid4)
    body = forms.CharField(
        label=_("Catatan internal"),
        widget=_text(4, **{"data-key": "n", "data-draft": "note"}),
        help_text=_("Hanya dibaca staf: tidak terlihat pelanggan, tidak dikirim lewat email."),
    )


class PresenceForm(forms.Form):
    """What the page says every few seconds while it is open; ``shown`` is what it says already."""

    writing = forms.BooleanField(required=False)
    seen = forms.IntegerField(required=False)
    shown = forms.CharField(max_length=64, required=False)


class ArrangeForm(forms.Form):
    """Only what was changed on the page is changed: the fields remember what they showed."""

    status = forms.ChoiceField(label=_("Status"), show_hidden_initial=True)
    priority = forms.TypedChoiceField(
        label=_("Prioritas"), choices=Priority.choices, coerce=int, show_hidden_initial=True
    )
    assignee = OptionalRow(label=_("Penanggung jawab"), none=_("belum ada"), show_hidden_initial=True)
    department = RowField(
        label=_("Departemen"),
        show_hidden_initial=True,
        help_text=_("Bila diganti, waktu tunggu pelanggan dihitung dengan janji departemen yang baru."),
    )
    service = OptionalRow(label=_("Layanan terkait"), none=_("tidak ada"), show_hidden_initial=True)
    invoice = OptionalRow(label=_("Tagihan terkait"), none=_("tidak ada"), show_hidden_initial=True)

    def __init__(self, *args, ticket: Ticket, actor: User, **kwargs) -> None:
        initial = {
            "status": ticket.status,
            "priority": ticket.priority,
            "assignee": ticket.assignee_id or "",
            "department": ticket.department_id,
            "service": ticket.service_id or "",
            "invoice": ticket.invoice_id or "",
        }
        super().__init__(*args, initial=initial, **kwargs)
        self.fields["status"].choices = _reachable(ticket)
        self.fields["assignee"].offer(_assignees(ticket, actor))
        self.fields["department"].offer(
            Department.objects.filter(Q(active=True) | Q(pk=ticket.department_id)).distinct()
        )
        self._offer_relations(ticket)

    def _offer_relations(self, ticket: Ticket) -> None:
        if ticket.customer_id is None:
            del self.fields["service"], self.fields["invoice"]
            return
        services = Service.objects.filter(customer=ticket.customer_id).order_by("-pk")
        invoices = Invoice.objects.issued().filter(customer=ticket.customer_id).order_by("-pk")
        self.fields["service"].offer(_with(services, ticket.service))
        self.fields["invoice"].offer(_with(invoices, ticket.invoice))


def _reachable(ticket: Ticket) -> list[tuple[str, str]]:
    """The state that it has, and those it may have next; that the customer replied is not for staff to say."""
    return [
        # As the badge says it.
        (status.value, _("Baru") if status == Ticket.Status.OPEN else status.label)
        for status in Ticket.Status
        if status == ticket.status
        or (ticket.status in transitions.sources(Ticket, status) and status != Ticket.Status.CUSTOMER_REPLY)
    ]


def _assignees(ticket: Ticket, actor: User) -> QuerySet[User]:
    """Who works in the ticket's department, whoever has it, and oneself."""
    works_there = Q(departments=ticket.department_id, is_staff=True)
    known = Q(pk__in=[actor.pk, ticket.assignee_id or actor.pk])
    return User.objects.filter(works_there | known, is_active=True).distinct().order_by("name", "pk")


def _with(rows: QuerySet, chosen: Model | None) -> list[Model]:
    """The newest ones, and the chosen one whatever its age."""
    offered = list(rows[:MOST_OFFERED])
    return offered if chosen is None or chosen in offered else [chosen, *offered]


class MergeForm(forms.Form):
    number = forms.CharField(
        label=_("Nomor tiket tujuan"),
        max_length=20,
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
        help_text=_("Contoh: T-7KQ2M9XA. Tiket lain dari pelanggan yang sama, yang belum selesai."),
    )

    def __init__(self, *args, ticket: Ticket, actor: User, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.ticket = ticket
        self.actor = actor

    def clean_number(self) -> Ticket:
        number = self.cleaned_data["number"].strip().upper()
        number = number if number.startswith("T-") else f"T-{number}"
        possible = arranging.mergeable_with(self.ticket).for_staff(self.actor)
        found = possible.filter(number=number).select_related("department", "merged_into").first()
        if found is None:
            raise ValidationError(_("Tidak ada tiket terbuka dari pelanggan yang sama dengan nomor ini."))
        return found


class MessagesField(forms.ModelMultipleChoiceField):
    """Messages to tick, each told by who wrote it, when, and how it begins."""

    widget = forms.CheckboxSelectMultiple

    def label_from_instance(self, message: Message) -> str:
        return f"{message.author or '–'}, {short_moment(message.created_at)}: {Truncator(message.body).chars(140)}"


class FilesToTick(forms.ModelMultipleChoiceField):
    """Attachments to tick, each told by its name, who sent it and when."""

    widget = forms.CheckboxSelectMultiple

    def label_from_instance(self, file: Attachment) -> str:
        return f"{file.name} ({file.message.author or '–'}, {short_moment(file.message.created_at)})"


class SplitForm(forms.Form):
    subject = forms.CharField(label=_("Judul tiket baru"), max_length=150, validators=[validate_one_line])
    messages = MessagesField(label=_("Pesan yang dipindahkan"), queryset=Message.objects.none())

    def __init__(self, *args, ticket: Ticket, **kwargs) -> None:
        super().__init__(*args, initial={"subject": ticket.subject}, **kwargs)
        said = ticket.messages.exclude(channel=Message.Channel.SYSTEM)
        self.fields["messages"].queryset = said.select_related("author")


class FromAttachmentsForm(ConfirmationForm):
    """A Konfirmasi Pembayaran whose proofs the customer attached already (K6)."""

    proofs = withholds = withholding_slips = None
    attachments = FilesToTick(
        label=_("Bukti transfer"),
        queryset=Attachment.objects.none(),
        help_text=_("1 sampai 3 lampiran pelanggan."),
        error_messages={"required": _("Pilih lampiran yang menjadi bukti transfer.")},
    )
    field_order = ["attachments", "amount", "bank_account", "sender_bank", "sender_name", "sender_number"]

    def __init__(self, *args, offered: QuerySet[Attachment], **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.fields["attachments"].queryset = offered
        newest = offered.order_by("-pk").first()
        self.initial["attachments"] = [newest.pk] if newest else []

    def _offer_withholding(self, invoice: Invoice) -> None:
        """A slip for PPh 23 has a page of its own, with the invoice."""


def proofs_of(ticket: Ticket) -> QuerySet[Attachment]:
    """The customer's attachments that may prove a payment."""
    attachments = Attachment.objects.filter(message__ticket=ticket, message__from_staff=False)
    return attachments.filter(content_type__in=PROOF_TYPES).select_related("message__author").order_by("pk")
