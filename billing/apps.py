from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class BillingConfig(AppConfig):
    name = "billing"
    verbose_name = _("Penagihan")

    def ready(self) -> None:
        # Emails, and what each kind of invoice brings about, register themselves when their module is read.
        from billing import emails, kinds  # noqa: F401
