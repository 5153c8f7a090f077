"""Departments: who answers, in which hours, how fast; and the replies that they have at hand."""

import zoneinfo

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Holiday
from accounts.models.shop import validate_office_days
from accounts.office_hours import OfficeHours
from accounts.texts import Bilingual, validate_one_line
from tickets import texts

SEES_ALL = "tickets.see_all_departments"


def validate_time_zone(value: str) -> None:
    if value not in zoneinfo.available_timezones():
        raise ValidationError(
            _("Isi zona waktu seperti Asia/Jakarta, Asia/Makassar, atau Asia/Jayapura."), code="time_zone"
        )


class DepartmentQuerySet(models.QuerySet["Department"]):
    def for_staff(self, user) -> "DepartmentQuerySet":
        """Where the person works: all of them with the permission, else those that name the person."""
        return self if user.has_perm(SEES_ALL) else self.filter(staff=user)

    def open_to(self, *, has_customer: bool) -> "DepartmentQuerySet":
        """What the form for a new ticket offers."""
        active = self.filter(active=True)
        return active if has_customer else active.filter(audience=Department.Audience.EVERYONE)


class Department(models.Model):
    class Audience(models.TextChoices):
        EVERYONE = "everyone", _("Semua yang masuk, juga tanpa data pelanggan")
        CUSTOMERS = "customers", _("Hanya pelanggan")

    slug = models.SlugField(_("alamat"), unique=True)
    legacy_number = models.PositiveIntegerField(
        _("nomor lama"),
        unique=True,
        null=True,
        blank=True,
        help_text=_("Nomor departemen di sistem lama: tautan submitticket.php?deptid=… menuju ke sini."),
    )
    name_id = models.CharField(_("nama (Indonesia)"), max_length=80, validators=[validate_one_line])
    name_en = models.CharField(_("nama (Inggris)"), max_length=80, blank=True, validators=[validate_one_line])
    description_id = models.CharField(_("uraian (Indonesia)"), max_length=200, blank=True)
    description_en = models.CharField(_("uraian (Inggris)"), max_length=200, blank=True)
    sort = models.PositiveIntegerField(_("urutan"), default=0)
    active = models.BooleanField(_("aktif"), default=True)
    audience = models.CharField(_("untuk"), max_length=9, choices=Audience.choices, default=Audience.EVERYONE)
    handles_payments = models.BooleanField(
        _("menangani pembayaran"),
        default=False,
        help_text=_("Tiket dengan tagihan boleh sekaligus mengonfirmasi pembayaran."),
    )
    handles_services = models.BooleanField(
        _("menangani layanan"),
        default=False,
        help_text=_("Pertanyaan dari halaman layanan dan halaman kesalahan menuju ke sini."),
    )
    handles_orders = models.BooleanField(
        _("menangani pesanan"), default=False, help_text=_("Pertanyaan saat memesan menuju ke sini.")
    )
    first_answer_minutes = models.PositiveIntegerField(
        _("janji jawaban (menit kerja)"), default=120, validators=[MinValueValidator(1)]
    )
    resolution_minutes = models.PositiveIntegerField(
        _("perkiraan selesai (menit kerja)"), default=960, validators=[MinValueValidator(1)]
    )
    opens = models.TimeField(_("jam buka"), default="08:00")
    closes = models.TimeField(_("jam tutup"), default="17:00")
    days = models.CharField(_("hari kerja"), max_length=13, default="1,2,3,4,5", validators=[validate_office_days])
    time_zone = models.CharField(
        _("zona waktu"), max_length=40, default="Asia/Jakarta", validators=[validate_time_zone]
    )
    auto_close_days = models.PositiveSmallIntegerField(
        _("tutup otomatis setelah (hari)"), default=7, help_text=_("0: tidak pernah ditutup otomatis.")
    )
    reopen_days = models.PositiveSmallIntegerField(
        _("dapat dibuka lagi selama (hari)"),
        default=14,
        help_text=_("Balasan pelanggan sesudahnya menjadi tiket baru yang bersambung."),
    )
    staff = models.ManyToManyField(
        settings.AUTH_USER_MODEL,
        verbose_name=_("staf"),
        blank=True,
        limit_choices_to={"is_staff": True},
        related_name="departments",
    )
    default_assignee = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("penanggung jawab tiket baru"),
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        limit_choices_to={"is_staff": True, "is_active": True},
        related_name="+",
    )

    name = Bilingual()
    description = Bilingual()

    objects = DepartmentQuerySet.as_manager()

    class Meta:
        verbose_name = _("departemen")
        verbose_name_plural = _("departemen")
        ordering = ["sort", "pk"]
        constraints = [
            models.CheckConstraint(condition=Q(opens__lt=F("closes")), name="department_opens_before_it_closes"),
            models.CheckConstraint(
                condition=Q(first_answer_minutes__gt=0, resolution_minutes__gt=0),
                name="department_promises_more_than_nothing",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def zone(self) -> zoneinfo.ZoneInfo:
        return zoneinfo.ZoneInfo(self.time_zone)

    @property
    def hours(self) -> OfficeHours:
        return OfficeHours(
            opens=self.opens,
            closes=self.closes,
            days=frozenset(int(day) for day in self.days.split(",")),
            zone=self.zone,
            holidays=Holiday.dates(),
        )


class CannedReply(models.Model):
    """A reply that staff has at hand; ``{nama}`` and the other placeholders are filled in when it is taken."""

    title = models.CharField(_("judul"), max_length=120, validators=[validate_one_line])
    department = models.ForeignKey(
        Department,
        verbose_name=_("departemen"),
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="canned_replies",
        help_text=_("Kosong: untuk semua departemen."),
    )
    body_id = models.TextField(_("isi (Indonesia)"), help_text=_("Boleh memakai Markdown."))
    body_en = models.TextField(_("isi (Inggris)"), blank=True, help_text=_("Boleh memakai Markdown."))
    active = models.BooleanField(_("aktif"), default=True)
    sort = models.PositiveIntegerField(_("urutan"), default=0)

    body = Bilingual()

    class Meta:
        verbose_name = _("balasan siap pakai")
        verbose_name_plural = _("balasan siap pakai")
        ordering = ["sort", "title", "pk"]

    def __str__(self) -> str:
        return self.title

    def clean(self) -> None:
        super().clean()
        problems = {}
        for name in ("body_id", "body_en"):
            unknown = texts.unknown_placeholders(getattr(self, name) or "")
            if unknown:
                problems[name] = _("Tidak dikenal: %(unknown)s. Yang dapat dipakai: %(known)s.") % {
                    "unknown": ", ".join(f"{{{one}}}" for one in unknown),
                    "known": ", ".join(f"{{{one}}}" for one in texts.PLACEHOLDERS),
                }
        if problems:
            raise ValidationError(problems)
