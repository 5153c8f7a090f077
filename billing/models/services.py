"""Services: what a customer has, at the net prices it was sold at."""

from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts import crypto
from accounts.models import Customer
from accounts.texts import Bilingual
from billing.models.events import Event
from billing.models.orders import Order
from catalog.cycles import Cycle
from catalog.models import Addon, Product, Promotion
from catalog.money import CURRENCIES, DEFAULT_CURRENCY, MoneyField, whole_rupiah


class ServiceQuerySet(models.QuerySet["Service"]):
    def visible_to(self, user) -> "ServiceQuerySet":
        return self.filter(customer__memberships__user_id=user.pk)

    def with_open_change(self) -> "ServiceQuerySet":
        """Each service knows whether a change of it waits to be paid: the lists say so."""
        changes = self.model._meta.get_field("changes").related_model
        waiting = changes.objects.open().filter(service=OuterRef("pk"))
        return self.annotate(has_open_change=Exists(waiting))


class Service(models.Model):
    """A product, add-on or domain that a customer ordered. Its name and prices are copies of the catalog's (P7)."""

    class Status(models.TextChoices):
        PENDING = "pending", _("Menunggu")
        ACTIVE = "active", _("Aktif")
        SUSPENDED = "suspended", _("Ditangguhkan")
        TERMINATED = "terminated", _("Diakhiri")
        CANCELLED = "cancelled", _("Dibatalkan")
        COMPLETED = "completed", _("Selesai")

    class Kind(models.TextChoices):
        PRODUCT = "product", _("Produk")
        ADDON = "addon", _("Layanan tambahan")
        DOMAIN = "domain", _("Domain")

    class SuspendedBecause(models.TextChoices):
        UNPAID = "unpaid", _("Belum dibayar")
        STAFF = "staff", _("Keputusan staf")

    customer = models.ForeignKey(
        Customer, verbose_name=_("pelanggan"), on_delete=models.PROTECT, related_name="services"
    )
    order = models.ForeignKey(Order, verbose_name=_("pesanan"), on_delete=models.PROTECT, related_name="services")
    parent = models.ForeignKey(
        "self", verbose_name=_("bagian dari"), on_delete=models.PROTECT, null=True, blank=True, related_name="children"
    )
    kind = models.CharField(_("jenis"), max_length=7, choices=Kind.choices, default=Kind.PRODUCT)
    product = models.ForeignKey(
        Product, verbose_name=_("produk"), on_delete=models.SET_NULL, null=True, blank=True, related_name="services"
    )
    addon = models.ForeignKey(Addon, on_delete=models.SET_NULL, null=True, blank=True, related_name="services")
    name_id = models.CharField(_("nama (Indonesia)"), max_length=200)
    name_en = models.CharField(_("nama (Inggris)"), max_length=200, blank=True)
    domain = models.CharField(_("domain"), max_length=253, blank=True)
    domain_way = models.CharField(_("asal domain"), max_length=9, blank=True)
    # What was configured, for people: [{"key", "name_id", "name_en", "value_id", "value_en"}].
    configuration = models.JSONField(default=list)
    # The same for programs, as ``catalog.selection.Selection.to_json`` writes it: where a change begins.
    selection = models.JSONField(null=True, editable=False)
    login_details_encrypted = models.TextField(blank=True, editable=False)
    # The code that lets a domain be transferred: staff needs it once, nobody else may read it.
    epp_code_encrypted = models.TextField(blank=True, editable=False)
    status = models.CharField(_("status"), max_length=10, choices=Status.choices, default=Status.PENDING)
    activation = models.CharField(_("aktivasi"), max_length=10, choices=Product.Activation.choices)
    quantity = models.PositiveIntegerField(_("jumlah"), default=1)
    stock_held = models.PositiveIntegerField(default=0, editable=False)

    currency = models.CharField(_("mata uang"), max_length=3, choices=CURRENCIES, default=DEFAULT_CURRENCY)
    cycle = models.CharField(_("siklus"), max_length=12, choices=Cycle.choices)
    recurring_net = MoneyField(_("harga perpanjangan (neto)"), default=0)
    taxable = models.BooleanField(_("kena PPN"), default=True)
    pph23 = models.BooleanField(_("objek PPh 23"), default=False)
    promotion = models.ForeignKey(Promotion, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    # The recurring discount as agreed: net per renewal, and how many renewals still get it (empty: for ever).
    recurring_discount = MoneyField(_("potongan per perpanjangan"), default=0)
    discounted_renewals_left = models.PositiveSmallIntegerField(null=True, blank=True)

    anchor_day = models.PositiveSmallIntegerField(_("tanggal jangkar"), null=True, blank=True)
    # The first day that is not paid for: moves on when a renewal is paid (S2).
    next_due = models.DateField(_("jatuh tempo berikutnya"), null=True, blank=True)
    # The first day that is not invoiced: moves on when a renewal is invoiced. On ``renewed_on`` that was last done.
    renews_from = models.DateField(_("ditagih mulai"), null=True, blank=True, editable=False)
    renewed_on = models.DateField(null=True, blank=True, editable=False)
    # Asked for by the customer (S7): the first day without the service.
    ends_on = models.DateField(_("berhenti mulai"), null=True, blank=True, editable=False)
    suspend_after_days = models.PositiveSmallIntegerField(
        _("tangguhkan setelah lewat tempo (hari)"), null=True, blank=True, help_text=_("Kosong: seperti produknya.")
    )
    suspended_at = models.DateTimeField(_("ditangguhkan sejak"), null=True, blank=True, editable=False)
    suspended_because = models.CharField(
        _("alasan penangguhan"), max_length=6, choices=SuspendedBecause.choices, blank=True, editable=False
    )
    created_at = models.DateTimeField(_("dibuat"), default=timezone.now, editable=False)
    activation_due_since = models.DateTimeField(_("menunggu aktivasi sejak"), null=True, blank=True)
    activated_at = models.DateTimeField(_("aktif sejak"), null=True, blank=True)
    ended_at = models.DateTimeField(_("berakhir"), null=True, blank=True)

    name = Bilingual()

    objects = ServiceQuerySet.as_manager()

    class Meta:
        verbose_name = _("layanan")
        verbose_name_plural = _("layanan")
        ordering = ["-created_at", "-pk"]
        permissions = [("reprice_service", _("Boleh mengubah harga perpanjangan"))]
        indexes = [
            models.Index(fields=["customer", "-created_at"], name="services_of_customer"),
            models.Index(fields=["status", "next_due"], name="services_by_status_and_due"),
            models.Index(fields=["ends_on"], condition=Q(ends_on__isnull=False), name="services_that_end"),
            models.Index(
                fields=["cycle", "renews_from"],
                condition=Q(status="active", renews_from__isnull=False),
                name="services_to_renew",
            ),
            models.Index(
                fields=["activation_due_since"],
                condition=Q(activation_due_since__isnull=False),
                name="services_waiting_for_staff",
            ),
        ]
        constraints = [
            whole_rupiah("recurring_net", "recurring_discount", name="service_price_is_rounded_to_its_currency"),
            models.CheckConstraint(
                condition=Q(
                    recurring_net__gte=0, recurring_discount__gte=0, recurring_discount__lte=F("recurring_net")
                ),
                name="service_discount_is_not_more_than_its_price",
            ),
            models.CheckConstraint(
                condition=~Q(status="active") | Q(activated_at__isnull=False), name="active_service_has_its_time"
            ),
            models.CheckConstraint(
                condition=Q(status="suspended", suspended_at__isnull=False) & ~Q(suspended_because="")
                | (~Q(status="suspended") & Q(suspended_at=None, suspended_because="")),
                name="only_a_suspended_service_has_its_time_and_cause",
            ),
            models.UniqueConstraint(
                fields=["domain"],
                condition=Q(domain_way="subdomain", kind="product", status__in=["pending", "active", "suspended"]),
                name="one_living_service_per_subdomain",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.domain})" if self.domain else self.name

    def get_absolute_url(self) -> str:
        return reverse("billing:service", args=[self.pk])

    @property
    def login_details(self) -> str:
        """Readable login details. Raises ``accounts.crypto.CannotDecrypt``; show them to allowed members only (S8)."""
        return crypto.decrypt(self.login_details_encrypted)

    @property
    def epp_code(self) -> str:
        """The readable EPP code, for staff who transfer the domain. Raises ``accounts.crypto.CannotDecrypt``."""
        return crypto.decrypt(self.epp_code_encrypted)

    @property
    def is_recurring(self) -> bool:
        return self.cycle != Cycle.ONE_TIME


class ServiceComponent(models.Model):
    """One recurring part of a service's price, as sold; the parts sum to ``Service.recurring_net``."""

    service = models.ForeignKey(Service, on_delete=models.CASCADE, related_name="components")
    kind = models.CharField(max_length=10)
    key = models.CharField(max_length=60)
    description_id = models.CharField(max_length=250)
    description_en = models.CharField(max_length=250, blank=True)
    currency = models.CharField(max_length=3, choices=CURRENCIES, default=DEFAULT_CURRENCY)
    quantity = models.PositiveIntegerField(default=1)
    unit_price = MoneyField()
    amount = MoneyField()

    description = Bilingual()

    class Meta:
        ordering = ["pk"]
        constraints = [
            whole_rupiah("unit_price", "amount", name="component_price_is_rounded_to_its_currency"),
            models.UniqueConstraint(fields=["service", "key"], name="one_component_per_key_in_its_service"),
        ]

    def __str__(self) -> str:
        return self.description


class ServiceEvent(Event):
    service = models.ForeignKey(Service, on_delete=models.CASCADE, related_name="events")
