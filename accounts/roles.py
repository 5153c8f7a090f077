"""Who may do what for a customer: the one table, shown in the README and on the members page."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Role(models.TextChoices):
    OWNER = "owner", _("Pemilik")
    ADMIN = "admin", _("Admin")
    BILLING = "billing", _("Keuangan")
    TECHNICAL = "technical", _("Teknis")
    VIEWER = "viewer", _("Pembaca")


class Ability(models.TextChoices):
    ORDER = "order", _("Memesan layanan")
    SEE_INVOICES = "see_invoices", _("Melihat tagihan")
    PAY = "pay", _("Membayar tagihan")
    CONFIRM = "confirm", _("Mengonfirmasi pembayaran")
    SEE_SERVICES = "see_services", _("Melihat layanan")
    SEE_LOGIN_DETAILS = "see_login_details", _("Melihat detail login layanan")
    OPEN_TICKETS = "open_tickets", _("Membuka tiket")
    SEE_ALL_TICKETS = "see_all_tickets", _("Melihat semua tiket")
    EDIT_CUSTOMER = "edit_customer", _("Mengubah data pelanggan")
    MANAGE_MEMBERS = "manage_members", _("Mengelola anggota")


_EVERYONE = frozenset(Role)

ALLOWED: dict[Ability, frozenset[Role]] = {
    Ability.ORDER: frozenset({Role.OWNER, Role.ADMIN, Role.BILLING}),
    Ability.SEE_INVOICES: frozenset({Role.OWNER, Role.ADMIN, Role.BILLING, Role.VIEWER}),
    Ability.PAY: frozenset({Role.OWNER, Role.ADMIN, Role.BILLING}),
    Ability.CONFIRM: frozenset({Role.OWNER, Role.ADMIN, Role.BILLING}),
    Ability.SEE_SERVICES: _EVERYONE,
    Ability.SEE_LOGIN_DETAILS: frozenset({Role.OWNER, Role.ADMIN, Role.TECHNICAL}),
    Ability.OPEN_TICKETS: frozenset({Role.OWNER, Role.ADMIN, Role.BILLING, Role.TECHNICAL}),
    # The others see the tickets that they wrote in, and those of their subject (TicketQuerySet.visible_to).
    Ability.SEE_ALL_TICKETS: frozenset({Role.OWNER, Role.ADMIN}),
    Ability.EDIT_CUSTOMER: frozenset({Role.OWNER, Role.ADMIN}),
    Ability.MANAGE_MEMBERS: frozenset({Role.OWNER, Role.ADMIN}),
}


def roles_with(ability: Ability) -> frozenset[Role]:
    return ALLOWED[ability]
