from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "accounts"

    def ready(self) -> None:
        # Emails register themselves when their module is read.
        from accounts import emails  # noqa: F401
