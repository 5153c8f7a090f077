from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class TicketsConfig(AppConfig):
    name = "tickets"
    verbose_name = _("Tiket")

    def ready(self) -> None:
        # Each registers itself when its module is read.
        from tickets import emails, ledger, receivers, transitions  # noqa: F401
