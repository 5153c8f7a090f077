"""Product groups and products."""

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accounts.texts import Bilingual, validate_one_line


class ProductGroup(models.Model):
    """A tab of the store."""

    slug = models.SlugField(_("alamat"), unique=True)
    name_id = models.CharField(_("nama (Indonesia)"), max_length=120, validators=[validate_one_line])
    name_en = models.CharField(_("nama (Inggris)"), max_length=120, blank=True, validators=[validate_one_line])
    tagline_id = models.CharField(_("kalimat pendek (Indonesia)"), max_length=200, blank=True)
    tagline_en = models.CharField(_("kalimat pendek (Inggris)"), max_length=200, blank=True)
    sort = models.PositiveIntegerField(_("urutan"), default=0)
    hidden = models.BooleanField(_("tersembunyi"), default=False)

    name = Bilingual()
    tagline = Bilingual()

    class Meta:
        verbose_name = _("kelompok produk")
        verbose_name_plural = _("kelompok produk")
        ordering = ["sort", "pk"]

    def __str__(self) -> str:
        return self.name


class ProductQuerySet(models.QuerySet["Product"]):
    def listed(self) -> "ProductQuerySet":
        """What the store shows: neither hidden nor retired, in a group that is shown."""
        return self.filter(hidden=False, retired=False, group__hidden=False)

    def orderable(self) -> "ProductQuerySet":
        """What can be ordered by those who know its address: hidden products too, retired ones not."""
        return self.filter(retired=False)


class Product(models.Model):
    """Something to order. Its prices, options and add-ons are rows of their own."""

    class Activation(models.TextChoices):
        ON_ORDER = "on_order", _("Saat dipesan")
        ON_PAYMENT = "on_payment", _("Saat dibayar")
        BY_STAFF = "by_staff", _("Oleh staf")

    class Quantity(models.TextChoices):
        NONE = "none", _("Satu per pesanan")
        SEPARATE = "separate", _("N layanan terpisah")
        MULTIPLE = "multiple", _("Satu layanan × N")

    group = models.ForeignKey(
        ProductGroup, verbose_name=_("kelompok"), on_delete=models.PROTECT, related_name="products"
    )
    slug = models.SlugField(_("alamat"))
    name_id = models.CharField(_("nama (Indonesia)"), max_length=120, validators=[validate_one_line])
    name_en = models.CharField(_("nama (Inggris)"), max_length=120, blank=True, validators=[validate_one_line])
    tagline_id = models.CharField(_("kalimat pendek (Indonesia)"), max_length=200, blank=True)
    tagline_en = models.CharField(_("kalimat pendek (Inggris)"), max_length=200, blank=True)
    features_id = models.TextField(_("fitur (Indonesia)"), blank=True, help_text=_("Satu per baris, 3–6 baris."))
    features_en = models.TextField(_("fitur (Inggris)"), blank=True, help_text=_("Satu per baris, 3–6 baris."))
    description_id = models.TextField(_("uraian (Indonesia)"), blank=True, help_text=_("Boleh memakai Markdown."))
    description_en = models.TextField(_("uraian (Inggris)"), blank=True, help_text=_("Boleh memakai Markdown."))
    sort = models.PositiveIntegerField(_("urutan"), default=0)
    featured = models.BooleanField(_("unggulan"), default=False)
    hidden = models.BooleanField(_("tersembunyi"), default=False, help_text=_("Hanya lewat tautan langsung."))
    retired = models.BooleanField(_("tidak dijual lagi"), default=False)

    activation = models.CharField(
        _("aktivasi"), max_length=10, choices=Activation.choices, default=Activation.ON_PAYMENT
    )
    quantity_mode = models.CharField(_("jumlah"), max_length=8, choices=Quantity.choices, default=Quantity.NONE)
    stock = models.PositiveIntegerField(_("stok"), null=True, blank=True, help_text=_("Kosong: tidak terbatas."))
    stock_taken = models.PositiveIntegerField(_("stok terpakai"), default=0, editable=False)

    suspend_after_days = models.PositiveSmallIntegerField(
        _("tangguhkan setelah lewat tempo (hari)"),
        null=True,
        blank=True,
        help_text=_("Kosong: seperti pengaturan toko."),
    )

    # The first payment goes to a fixed day of the month only (S9), where one is set.
    proration_day = models.PositiveSmallIntegerField(
        _("tagih mulai tanggal"),
        null=True,
        blank=True,
        validators=[MinValueValidator(1), MaxValueValidator(28)],
        help_text=_("1–28: periode pertama dihitung prorata sampai tanggal ini. Kosong: mulai dari hari pesanan."),
    )
    proration_cutoff = models.PositiveSmallIntegerField(
        _("sejak tanggal, tambah satu siklus"),
        null=True,
        blank=True,
        validators=[MinValueValidator(1), MaxValueValidator(31)],
        help_text=_("Pesanan pada tanggal ini atau sesudahnya membayar prorata dan satu siklus penuh."),
    )
    changes_to = models.ManyToManyField(
        "self",
        verbose_name=_("boleh diganti menjadi"),
        symmetrical=False,
        blank=True,
        related_name="changes_from",
        help_text=_("Produk yang dapat dipilih pelanggan sebagai peningkatan atau penurunan."),
    )

    domain_register = models.BooleanField(_("boleh daftar domain baru"), default=False)
    domain_transfer = models.BooleanField(_("boleh transfer domain"), default=False)
    domain_own = models.BooleanField(_("boleh pakai domain sendiri"), default=False)
    subdomain_of = models.CharField(
        _("subdomain gratis di bawah"),
        max_length=100,
        blank=True,
        help_text=_("Contoh: situsku.id. Kosong: tidak ada."),
    )

    taxable = models.BooleanField(_("kena PPN"), default=True)
    pph23 = models.BooleanField(_("objek PPh 23"), default=False)

    name = Bilingual()
    tagline = Bilingual()
    features = Bilingual()
    description = Bilingual()

    objects = ProductQuerySet.as_manager()

    class Meta:
        verbose_name = _("produk")
        verbose_name_plural = _("produk")
        ordering = ["group__sort", "group_id", "sort", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["group", "slug"], name="one_product_per_address"),
            models.CheckConstraint(
                condition=Q(stock=None) | Q(stock_taken__lte=F("stock")), name="stock_is_never_oversold"
            ),
            models.CheckConstraint(
                condition=Q(proration_cutoff=None) | Q(proration_day__isnull=False),
                name="proration_cutoff_needs_its_day",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def feature_list(self) -> list[str]:
        return [line.strip() for line in self.features.splitlines() if line.strip()]

    @property
    def domain_ways(self) -> list[str]:
        """The domain choices this product offers, in the order they are shown; none means that it needs no domain."""
        ways = {
            "register": self.domain_register,
            "transfer": self.domain_transfer,
            "own": self.domain_own,
            "subdomain": bool(self.subdomain_of),
        }
        return [way for way, offered in ways.items() if offered]

    @property
    def stock_left(self) -> int | None:
        """How many can still be ordered; ``None`` means without limit."""
        return None if self.stock is None else self.stock - self.stock_taken
