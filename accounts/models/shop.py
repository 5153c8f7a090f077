"""The shop: who sells, how it looks, and every default that staff may change without a deployment."""

import hashlib

from django.conf import settings
from django.core.cache import caches
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.db import models
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from accounts.models import numbers
from accounts.texts import validate_one_line

CACHE_KEY = "shop"
# Other processes see a change of the shop's settings within this many seconds.
CACHE_SECONDS = 5

validate_office_days = RegexValidator(r"^[1-7](,[1-7])*$", _("Isi angka 1 (Senin) sampai 7 (Minggu), dipisah koma."))

validate_reminder_days = RegexValidator(
    r"^-?\d{1,2}(,-?\d{1,2})*$", _("Isi hari terhadap jatuh tempo, dipisah koma, contoh: -7,-1,0,3.")
)

LATE_FEES = [("none", _("tidak ada")), ("percent", _("persen dari sisa tagihan")), ("fixed", _("jumlah tetap"))]


class Shop(models.Model):
    """One row. ``Shop.current()`` reads it, cached in the process for a few seconds."""

    name = models.CharField(_("nama toko"), max_length=80, default="Langganan", validators=[validate_one_line])
    legal_name = models.CharField(_("nama badan hukum"), max_length=150, default="PT Langganan Demo")
    address = models.CharField(_("alamat"), max_length=250, default="Jl. Contoh 1, Yogyakarta 55281")
    npwp = models.CharField(_("NPWP"), max_length=30, blank=True)
    email = models.EmailField(_("email"), default="halo@example.co.id")
    phone = models.CharField(_("telepon"), max_length=30, blank=True)
    colour = models.CharField(
        _("warna utama"),
        max_length=7,
        default="#1557c0",
        validators=[RegexValidator(r"^#[0-9a-fA-F]{6}$", _("Isi warna seperti #1557c0."))],
    )
    logo = models.ImageField(_("logo"), upload_to="shop/", blank=True)

    prices_include_tax = models.BooleanField(_("harga termasuk PPN"), default=False)
    invoice_number_format = models.CharField(
        _("format nomor tagihan"),
        max_length=60,
        default="INV/{YYYY}/{MM}/{N:5}",
        help_text=_("Token: {YYYY}, {YY}, {MM}, {ROMAN_MM}, {N:5} (nomor urut 5 angka)."),
    )
    invoice_number_resets = models.CharField(
        _("nomor mulai lagi"),
        max_length=7,
        choices=[("yearly", _("tiap tahun")), ("monthly", _("tiap bulan"))],
        default="yearly",
    )
    invoice_due_days = models.PositiveSmallIntegerField(_("jatuh tempo (hari)"), default=3)
    cancel_unpaid_after_days = models.PositiveSmallIntegerField(
        _("batalkan pesanan setelah lewat tempo (hari)"), default=7
    )
    cancel_bank_transfer_extra_days = models.PositiveSmallIntegerField(
        _("tambahan untuk transfer bank (hari)"), default=2
    )
    renewal_days = models.PositiveSmallIntegerField(_("tagihan perpanjangan sebelum jatuh tempo (hari)"), default=14)
    renewal_days_yearly = models.PositiveSmallIntegerField(_("untuk siklus tahunan atau lebih (hari)"), default=30)
    reminder_days = models.CharField(
        _("pengingat tagihan (hari terhadap jatuh tempo)"),
        max_length=60,
        default="-7,-3,-1,0,1,3,7",
        blank=True,
        validators=[validate_reminder_days],
        help_text=_("Contoh: -7,-1,0,3. Kosong: tanpa pengingat."),
    )
    suspend_after_days = models.PositiveSmallIntegerField(_("tangguhkan setelah lewat tempo (hari)"), default=7)
    terminate_after_days = models.PositiveSmallIntegerField(
        _("usulkan pengakhiran setelah lewat tempo (hari)"), default=30
    )
    downgrades_give_credit = models.BooleanField(
        _("penurunan layanan mengembalikan selisih sebagai kredit"), default=True
    )
    price_notice_days = models.PositiveSmallIntegerField(_("umumkan perubahan harga sebelumnya (hari)"), default=30)
    credit_note_number_format = models.CharField(
        _("format nomor nota kredit"), max_length=60, default="NK/{YYYY}/{MM}/{N:5}"
    )
    late_fee = models.CharField(_("denda keterlambatan"), max_length=7, choices=LATE_FEES, default="none")
    late_fee_percent = models.DecimalField(
        _("denda (persen dari sisa tagihan)"),
        max_digits=5,
        decimal_places=2,
        default=2,
        validators=[MinValueValidator(0), MaxValueValidator(100)],
    )
    late_fee_amount = models.PositiveIntegerField(_("denda tetap (Rp)"), default=25_000)
    late_fee_minimum = models.PositiveIntegerField(_("denda paling sedikit (Rp)"), default=10_000)
    late_fee_after_days = models.PositiveSmallIntegerField(_("kenakan denda setelah lewat tempo (hari)"), default=7)
    add_funds_minimum = models.PositiveIntegerField(_("isi kredit paling sedikit (Rp)"), default=50_000)
    add_funds_maximum = models.PositiveIntegerField(_("isi kredit paling banyak (Rp)"), default=50_000_000)
    verification_minutes = models.PositiveIntegerField(
        _("janji verifikasi pembayaran (menit kerja)"), default=120, validators=[MinValueValidator(1)]
    )
    activation_minutes = models.PositiveIntegerField(
        _("janji aktivasi (menit kerja)"), default=60, validators=[MinValueValidator(1)]
    )
    office_opens = models.TimeField(_("jam buka"), default="08:00")
    office_closes = models.TimeField(_("jam tutup"), default="17:00")
    office_days = models.CharField(
        _("hari kerja"),
        max_length=13,
        default="1,2,3,4,5",
        validators=[validate_office_days],
    )
    small_difference = models.PositiveIntegerField(
        _("selisih kecil yang boleh ditutup staf (Rp)"), default=1000, validators=[MaxValueValidator(100_000)]
    )
    guest_cart_days = models.PositiveSmallIntegerField(_("keranjang tamu disimpan (hari)"), default=14)
    login_details_in_email = models.BooleanField(
        _("detail login di dalam email"),
        default=False,
        help_text=_("Bila tidak, email aktivasi berisi tautan ke halaman yang menampilkannya setelah masuk."),
    )

    class Meta:
        verbose_name = _("pengaturan toko")
        verbose_name_plural = _("pengaturan toko")
        constraints = [
            models.CheckConstraint(condition=models.Q(pk=1), name="there_is_one_shop"),
            models.CheckConstraint(
                condition=models.Q(office_opens__lt=models.F("office_closes")), name="office_opens_before_it_closes"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def save(self, *args, **kwargs) -> None:
        self.pk = 1
        super().save(*args, **kwargs)
        caches["process"].delete(CACHE_KEY)

    def clean(self) -> None:
        super().clean()
        for name in ("invoice_number_format", "credit_note_number_format"):
            try:
                numbers.validate(getattr(self, name), self.invoice_number_resets)
            except ValidationError as error:
                raise ValidationError({name: error}) from error

    @classmethod
    def current(cls) -> "Shop":
        """The shop's row; made with its defaults where there is none yet."""
        shop = caches["process"].get(CACHE_KEY)
        if shop is None:
            shop, made = cls.objects.get_or_create(pk=1)
            if made:
                # Read back: a default such as "08:00" becomes a time only then.
                shop.refresh_from_db()
            # Computed here, it is kept along.
            _ = shop.fingerprint
            caches["process"].set(CACHE_KEY, shop, CACHE_SECONDS)
        return shop

    @cached_property
    def fingerprint(self) -> str:
        """Changes with any of its settings: what was made from them is kept under it."""
        values = "\n".join(str(getattr(self, field.attname)) for field in self._meta.concrete_fields)
        return hashlib.blake2s(values.encode(), digest_size=8).hexdigest()

    @property
    def reminder_offsets(self) -> list[int]:
        """Days relative to an invoice's due date on which its reminders go out, earliest first."""
        return sorted({int(day) for day in self.reminder_days.split(",") if day})

    @property
    def base_url(self) -> str:
        """Where links in emails point: a setting, never the Host header."""
        return settings.BASE_URL
