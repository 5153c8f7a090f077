"""The form for a new ticket, and what its address fills in."""

from collections.abc import Mapping
from dataclasses import dataclass

from django import forms
from django.db.models import Model
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts.models import Customer
from accounts.texts import validate_one_line
from billing.models import Invoice
from catalog.money import format_money
from tickets import choices, opening, promises
from tickets.forms.fields import ChosenRowField
from tickets.forms.messages import MessageForm
from tickets.models import Department, Priority


class TicketForm(MessageForm):
    """A new ticket. ``customer`` is empty for people who have none yet: they are asked about no services and invoices."""

    field_order = ["department", "service", "invoice", "priority", "subject", "body", "files"]

    department = ChosenRowField(
        label=_("Departemen"), widget=forms.RadioSelect, error_messages={"required": _("Pilih departemen.")}
    )
    service = ChosenRowField(label=_("Layanan terkait"), required=False, empty_value=None, nothing=_("Tidak ada"))
    invoice = ChosenRowField(label=_("Tagihan terkait"), required=False, empty_value=None, nothing=_("Tidak ada"))
    priority = forms.TypedChoiceField(
        label=_("Prioritas"), choices=Priority.choices, coerce=int, initial=Priority.NORMAL
    )
    subject = forms.CharField(
        label=_("Judul"),
        max_length=opening.LONGEST_SUBJECT,
        validators=[validate_one_line],
        error_messages={"required": _("Isi judul singkat.")},
    )

    def __init__(self, *args, customer: Customer | None, sees_invoices: bool, asked: "Asked", **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.fields["subject"].widget.attrs |= {
            "hx-get": reverse("tickets:suggestions"),
            "hx-trigger": "input changed delay:400ms",
            "hx-target": "#suggestions",
            "hx-sync": "this:replace",
        }
        self.fields["body"].label = _("Pesan")
        self.fields["body"].widget.attrs["rows"] = 8
        self.fields["department"].offer(choices.departments(customer), key="slug")
        services = choices.services_of(customer, asked=asked.service) if customer else []
        invoices = choices.invoices_of(customer, asked=asked.invoice) if customer and sees_invoices else []
        self._offer("service", services)
        self._offer("invoice", invoices, key="slug", label=_invoice_in_words)
        self.initial = {**self._filled_in(asked), **self.initial}

    def _offer(self, name: str, rows: list[Model], **how) -> None:
        """Nobody is asked to choose from nothing."""
        if rows:
            self.fields[name].offer(rows, **how)
        else:
            del self.fields[name]

    def _filled_in(self, asked: "Asked") -> dict:
        department = asked.department
        if department not in self.fields["department"].rows:
            found = choices.department_for(asked.subject_matter, self.fields["department"].rows.values())
            department = found.slug if found else ""
        return {
            "department": department,
            "service": asked.service,
            "invoice": asked.invoice,
            "subject": asked.subject,
        }

    def chosen(self, name: str) -> Model | None:
        """The row that the field shows, whether or not the form as a whole is right."""
        return self.fields[name].rows.get(str(self[name].value() or "")) if name in self.fields else None

    def question(self, customer: Customer | None, language: str) -> opening.Question:
        """After ``is_valid``."""
        asked = ("department", "subject", "priority", "service", "invoice")
        given = {name: self.cleaned_data[name] for name in asked if name in self.fields}
        return opening.Question(customer=customer, language=language, **given)

    @property
    def departments(self) -> list[tuple[Department, str]]:
        """Those that can be chosen, with what each promises to whoever sends the form now."""
        return [(one, promises.expected_answer(one)) for one in self.fields["department"].rows.values()]


def _invoice_in_words(invoice: Invoice) -> str:
    return f"{invoice.number}: {format_money(invoice.total, invoice.currency)} ({invoice.get_status_display()})"


@dataclass(frozen=True)
class Asked:
    """What the address of the form fills in (``AskedForm``)."""

    department: str = ""
    invoice: str = ""
    service: int | None = None
    customer: int | None = None
    topic: str = ""
    subject: str = ""

    @property
    def subject_matter(self) -> str:
        if self.topic:
            return self.topic
        if self.invoice:
            return choices.Topic.PAYMENTS
        return choices.Topic.SERVICES if self.service else ""


class AskedForm(forms.Form):
    """The query string of the form for a new ticket; what is not understood fills in nothing."""

    department = forms.SlugField(required=False)
    invoice = forms.SlugField(required=False, max_length=60)
    service = forms.IntegerField(required=False, min_value=1, max_value=2**31 - 1)
    customer = forms.IntegerField(required=False, min_value=1, max_value=2**31 - 1)
    topic = forms.ChoiceField(required=False, choices=choices.Topic.choices)
    subject = forms.CharField(required=False, max_length=opening.LONGEST_SUBJECT, validators=[validate_one_line])

    @classmethod
    def read(cls, query: Mapping) -> Asked:
        form = cls(query)
        form.full_clean()
        return Asked(**form.cleaned_data)


class LegacyForm(forms.Form):
    """``submitticket.php?step=2&deptid=4``, as in old emails."""

    deptid = forms.IntegerField(min_value=0, max_value=2**31 - 1)
