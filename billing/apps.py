from django.apps import AppConfig


class BillingConfig(AppConfig):
    name = "billing"

    def ready(self) -> None:
        # Emails register themselves when their module is read.
        from billing import emails  # noqa: F401
