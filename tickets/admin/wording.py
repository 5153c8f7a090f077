"""A ticket's events in words."""

from django.utils.translation import gettext_lazy as _

from tickets.models import Ticket, TicketEvent

# Events that change no state, by their kind; a change of state is told by the state it led to.
KINDS = {
    "assigned": _("Penanggung jawab"),
    "confirmed": _("Lampiran dijadikan konfirmasi pembayaran"),
    "created": _("Dibuat"),
    "escalated": _("Dieskalasi"),
    "linked": _("Dikaitkan"),
    "merged": _("Digabungkan"),
    "moved": _("Pindah departemen"),
    "prioritised": _("Prioritas"),
    "rated": _("Dinilai pelanggan"),
    "split": _("Dipisahkan"),
    "warned": _("Diperingatkan akan ditutup"),
}


def what_happened(event: TicketEvent) -> str:
    if event.kind in KINDS:
        return str(KINDS[event.kind])
    return str(dict(Ticket.Status.choices).get(event.to_status, event.kind))
