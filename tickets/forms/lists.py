"""The filter of a customer's tickets."""

from django import forms
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from accounts.texts import validate_one_line
from tickets.forms.fields import ChosenRowField
from tickets.models import Department, Message, Ticket
from tickets.models.tickets import TicketQuerySet

_OUR_TURN = [Ticket.Status.OPEN, Ticket.Status.CUSTOMER_REPLY, Ticket.Status.ON_HOLD, Ticket.Status.IN_PROGRESS]


class TicketFilterForm(forms.Form):
    """The ticket list's filter, from the query string; what is not understood filters nothing."""

    STATES = [
        ("", _("Semua")),
        ("unread", _("Belum dibaca")),
        ("yours", _("Menunggu Anda")),
        ("ours", _("Menunggu kami")),
        ("closed", _("Selesai")),
    ]

    state = forms.ChoiceField(label=_("Status"), choices=STATES, required=False)
    department = ChosenRowField(label=_("Departemen"), required=False, empty_value=None, nothing=_("Semua"))
    q = forms.CharField(
        label=_("Cari"),
        required=False,
        max_length=100,
        validators=[validate_one_line],
        widget=forms.TextInput(attrs={"type": "search", "autocomplete": "off"}),
    )

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        # Those that take no new tickets too: the old ones are found by them.
        self.fields["department"].offer(Department.objects.all(), key="slug")

    def apply(self, tickets: TicketQuerySet) -> TicketQuerySet:
        """``tickets`` know whether they are unread."""
        self.full_clean()
        asked = self.cleaned_data
        if asked.get("department"):
            tickets = tickets.filter(department=asked["department"])
        if asked.get("q"):
            tickets = tickets.filter(_mentions(asked["q"].strip()))
        if asked.get("state"):
            tickets = tickets.filter(_in_state(asked["state"]))
        return tickets


def _mentions(words: str) -> Q:
    said = Message.objects.filter(ticket=OuterRef("pk"), body__icontains=words)
    return Q(number__icontains=words) | Q(subject__icontains=words) | Q(Exists(said))


def _in_state(state: str) -> Q:
    return {
        "unread": Q(unread=True),
        "yours": Q(status=Ticket.Status.ANSWERED),
        "ours": Q(status__in=_OUR_TURN),
        "closed": Q(status=Ticket.Status.CLOSED),
    }[state]
