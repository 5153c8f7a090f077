from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class OnboardingConfig(AppConfig):
    name = "onboarding"
    verbose_name = _("Onboarding")

    def ready(self) -> None:
        # Each registers itself when its module is read.
        from onboarding import emails, ledger, receivers, stored_files, transitions  # noqa: F401
