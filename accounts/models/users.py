"""People: they sign in with an email address."""

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager, PermissionsMixin
from django.db import models
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.texts import validate_one_line


class UserManager(BaseUserManager["User"]):
    def create_user(self, email: str, password: str | None = None, **fields) -> "User":
        user = self.model(email=email.strip().lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields) -> "User":
        user = self.create_user(email, password, is_staff=True, is_superuser=True, **fields)
        # Whoever may run commands on the server need not prove an address: this account must get in before mail works.
        user.emailaddress_set.create(email=user.email, primary=True, verified=True)
        return user

    def get_by_natural_key(self, email: str) -> "User":
        return self.get(email=email.strip().lower())


class User(AbstractBaseUser, PermissionsMixin):
    """A person: a member of customers, or staff, never both in one account's daily use."""

    email = models.EmailField(_("email"), max_length=254, unique=True)
    name = models.CharField(_("nama"), max_length=150, blank=True, validators=[validate_one_line])
    language = models.CharField(
        _("bahasa"), max_length=2, choices=[("id", "Bahasa Indonesia"), ("en", "English")], default="id"
    )
    is_staff = models.BooleanField(_("staf"), default=False, help_text=_("Boleh masuk ke meja kerja staf."))
    is_active = models.BooleanField(_("aktif"), default=True)
    date_joined = models.DateTimeField(_("bergabung"), default=timezone.now, editable=False)

    objects = UserManager()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS = []

    class Meta:
        verbose_name = _("pengguna")
        verbose_name_plural = _("pengguna")
        constraints = [
            models.UniqueConstraint(Lower("email"), name="one_user_per_email_whatever_its_case"),
        ]

    def __str__(self) -> str:
        return self.name or self.email

    def clean(self) -> None:
        super().clean()
        self.email = self.email.strip().lower()

    def get_full_name(self) -> str:
        return self.name or self.email

    def get_short_name(self) -> str:
        return self.name.split(" ")[0] if self.name else self.email
