"""Why a ticket's service did nothing: the words of each are for the person who asked."""

from django.utils.translation import gettext as _

from tickets.models import Message, Ticket


class TicketRefused(Exception):
    """Nothing was changed; the words say why."""


class NotAllowed(TicketRefused):
    """The person may not do this."""


class TooMany(TicketRefused):
    """More tickets or replies than the limit lets through (``accounts.limits``)."""

    def __init__(self) -> None:
        super().__init__(_("Terlalu banyak pesan dalam satu jam. Tunggu sebentar, lalu coba lagi."))


class MergedAway(TicketRefused):
    """The ticket became part of another: ``ticket.merged_into``."""

    def __init__(self, ticket: Ticket) -> None:
        self.ticket = ticket
        super().__init__(_("Tiket ini sudah digabungkan ke tiket %(number)s.") % {"number": ticket.merged_into.number})


class SomebodyWasFaster(TicketRefused):
    """A newer message came while this one was written: ``message``."""

    def __init__(self, message: Message) -> None:
        self.message = message
        who = message.author or _("sistem")
        super().__init__(
            _("%(who)s menulis pesan baru saat Anda menulis. Baca dulu, lalu kirim lagi bila masih sesuai.")
            % {"who": who}
        )


class AlreadyTaken(TicketRefused):
    """Another member of staff has the ticket: ``ticket.assignee``."""

    def __init__(self, ticket: Ticket) -> None:
        self.ticket = ticket
        super().__init__(_("Tiket ini sudah diambil oleh %(who)s.") % {"who": ticket.assignee})


class NotClosed(TicketRefused):
    def __init__(self) -> None:
        super().__init__(_("Tiket ini belum selesai."))


class TooLateToReopen(TicketRefused):
    """The days in which a closed ticket can be reopened are over."""

    def __init__(self) -> None:
        super().__init__(
            _("Tiket ini sudah terlalu lama ditutup. Tulis balasan: kami membuka tiket baru yang bersambung.")
        )


class AlreadyRated(TicketRefused):
    def __init__(self) -> None:
        super().__init__(_("Tiket ini sudah Anda nilai. Terima kasih."))
