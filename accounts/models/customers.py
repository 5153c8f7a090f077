"""Customers (the person or company that is billed), who may act for them, and who was invited to."""

from datetime import timedelta

from django.conf import settings
from django.core.validators import RegexValidator
from django.db import models
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts import provinces
from accounts.roles import Role
from accounts.texts import validate_one_line

INVITATION_LIFETIME = timedelta(days=7)

validate_postal_code = RegexValidator(r"^\d{5}$", _("Isi kode pos 5 angka, contoh: 55281."))
# NPWP has 16 digits since 2024 (PMK 112/PMK.03/2022), 15 before; both are still in use on paper.
validate_npwp = RegexValidator(r"^\d{15,16}$", _("Isi NPWP 15 atau 16 angka, tanpa titik dan strip."))
validate_nik = RegexValidator(r"^\d{16}$", _("Isi NIK 16 angka."))


class CustomerQuerySet(models.QuerySet["Customer"]):
    def visible_to(self, user) -> "CustomerQuerySet":
        return self.filter(memberships__user_id=user.pk)


class Customer(models.Model):
    """The person or company that orders, is billed and pays."""

    class Kind(models.TextChoices):
        PERSON = "person", _("Perorangan")
        COMPANY = "company", _("Perusahaan")

    kind = models.CharField(_("jenis"), max_length=8, choices=Kind.choices, default=Kind.PERSON)
    name = models.CharField(_("nama"), max_length=150, validators=[validate_one_line])
    npwp = models.CharField(_("NPWP"), max_length=16, blank=True, validators=[validate_npwp])
    nik = models.CharField(_("NIK"), max_length=16, blank=True, validators=[validate_nik])
    billing_email = models.EmailField(_("email tagihan"))
    phone = models.CharField(
        _("telepon"), max_length=20, help_text=_("Dalam bentuk internasional, contoh: +628123456789.")
    )
    address = models.CharField(_("alamat"), max_length=250, validators=[validate_one_line])
    city = models.CharField(_("kota/kabupaten"), max_length=80, validators=[validate_one_line])
    province = models.CharField(_("provinsi"), max_length=40, choices=provinces.CHOICES)
    postal_code = models.CharField(_("kode pos"), max_length=5, validators=[validate_postal_code])
    country = models.CharField(_("negara"), max_length=2, default="ID", editable=False)
    language = models.CharField(_("bahasa"), max_length=2, choices=settings.LANGUAGES, default="id")
    separate_invoices = models.BooleanField(
        _("tagihan terpisah"),
        default=False,
        help_text=_("Satu tagihan per layanan, bukan digabung per tanggal jatuh tempo."),
    )
    credit_pays_renewals = models.BooleanField(
        _("kredit membayar perpanjangan"),
        default=True,
        help_text=_("Tagihan perpanjangan dibayar dari kredit begitu dibuat, sejauh kreditnya cukup."),
    )
    created_at = models.DateTimeField(_("dibuat"), default=timezone.now, editable=False)
    users = models.ManyToManyField(settings.AUTH_USER_MODEL, through="Membership", related_name="customers")

    objects = CustomerQuerySet.as_manager()

    class Meta:
        verbose_name = _("pelanggan")
        verbose_name_plural = _("pelanggan")
        ordering = ["name", "pk"]
        indexes = [models.Index(fields=["name", "id"]), models.Index(fields=["billing_email"])]

    def __str__(self) -> str:
        return self.name

    @property
    def address_lines(self) -> list[str]:
        return [self.address, f"{self.city} {self.postal_code}", self.province]


class Membership(models.Model):
    """A person may act for a customer, in one role."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="memberships")
    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="memberships")
    role = models.CharField(_("peran"), max_length=10, choices=Role.choices, default=Role.VIEWER)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        verbose_name = _("anggota")
        verbose_name_plural = _("anggota")
        ordering = ["customer", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["user", "customer"], name="one_membership_per_user_and_customer"),
            models.CheckConstraint(condition=models.Q(role__in=Role.values), name="membership_role_is_known"),
        ]

    def __str__(self) -> str:
        return f"{self.user}: {self.get_role_display()}"


class Invitation(models.Model):
    """An offer of membership, bound to one address, good once and for seven days. Only the token's hash is kept."""

    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="invitations")
    email = models.EmailField(_("email"))
    role = models.CharField(_("peran"), max_length=10, choices=Role.choices)
    token_hash = models.CharField(max_length=64, unique=True, editable=False)
    invited_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(_("dikirim"), default=timezone.now, editable=False)
    expires_at = models.DateTimeField(_("berlaku sampai"))
    accepted_at = models.DateTimeField(_("diterima"), null=True, blank=True)
    revoked_at = models.DateTimeField(_("dibatalkan"), null=True, blank=True)

    class Meta:
        verbose_name = _("undangan")
        verbose_name_plural = _("undangan")
        ordering = ["-created_at"]
        constraints = [
            models.UniqueConstraint(
                "customer",
                Lower("email"),
                condition=models.Q(accepted_at=None, revoked_at=None),
                name="one_open_invitation_per_customer_and_address",
            ),
            models.CheckConstraint(
                condition=models.Q(accepted_at=None) | models.Q(revoked_at=None),
                name="invitation_is_accepted_or_revoked_not_both",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.email} → {self.customer}"

    @property
    def is_open(self) -> bool:
        return not self.accepted_at and not self.revoked_at and self.expires_at > timezone.now()


EVENT_WORDS = {
    "created": _("Data pelanggan dibuat"),
    "updated": _("Data pelanggan diubah"),
    "edited_by_staff": _("Data pelanggan diubah oleh staf"),
    "role_changed": _("Peran anggota diubah menjadi %(role)s"),
    "product_role_changed": _("Peran produk %(email)s diubah"),
    "member_removed": _("Anggota dengan peran %(role)s dikeluarkan"),
    "invited": _("%(email)s diundang sebagai %(role)s"),
    "invitation_resent": _("Undangan untuk %(email)s dikirim ulang"),
    "invitation_revoked": _("Undangan untuk %(email)s dibatalkan"),
    "invitation_accepted": _("%(email)s menerima undangan sebagai %(role)s"),
}


class CustomerEvent(models.Model):
    """What happened to a customer's data and members, by whom; never edited."""

    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="events")
    at = models.DateTimeField(default=timezone.now)
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    kind = models.CharField(max_length=40)
    detail = models.JSONField(default=dict)

    class Meta:
        ordering = ["-at", "-pk"]

    def __str__(self) -> str:
        return f"{self.kind} {self.at:%Y-%m-%d}"

    @property
    def words(self) -> str:
        """What happened, as the members page says it."""
        role = dict(Role.choices).get(self.detail.get("to") or self.detail.get("role"), "")
        return str(EVENT_WORDS.get(self.kind, self.kind)) % {"email": self.detail.get("email", ""), "role": role}

    @property
    def changes(self) -> list[tuple[str, str, str]]:
        """For each changed field of the customer its label, the old value and the new one; "–" for an empty one."""
        changed = []
        for name, values in self.detail.items():
            if isinstance(values, list):
                field = Customer._meta.get_field(name)
                words = dict(field.flatchoices)
                old, new = (str(words.get(value, value) or "–") for value in values)
                changed.append((str(field.verbose_name), old, new))
        return changed
