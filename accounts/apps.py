from django.apps import AppConfig
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _


class AccountsConfig(AppConfig):
    name = "accounts"
    verbose_name = _("Pelanggan dan staf")

    def ready(self) -> None:
        # Emails register themselves when their module is read.
        from accounts import emails  # noqa: F401
        from accounts.groups import set_up

        # After auth's own receiver, which makes the permissions; auth stands before this app in INSTALLED_APPS.
        post_migrate.connect(set_up, dispatch_uid="accounts.groups.set_up")
