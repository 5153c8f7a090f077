from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class TicketsConfig(AppConfig):
    name = "tickets"
    verbose_name = _("Tiket")

    def ready(self) -> None:
        # The states of tickets register themselves when their module is read.
        from tickets import transitions  # noqa: F401
