"""Invoices: what was agreed is copied onto them when they are issued; from then on they do not change."""

from decimal import Decimal

from django.conf import settings
from django.db import models
from django.db.models import Exists, F, OuterRef, Q, Sum
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import Customer
from accounts.texts import validate_one_line
from billing.models.events import Event
from billing.models.methods import PaymentMethod
from billing.models.orders import Order
from billing.models.services import Service
from catalog.models import Promotion
from catalog.money import CURRENCIES, DEFAULT_CURRENCY, ZERO, MoneyField, whole_rupiah
from catalog.tax import TaxTerms


class NumberCounter(models.Model):
    """The last number given in a series and period; the row is updated last in the transaction that issues (I2)."""

    series = models.CharField(max_length=20)
    period = models.CharField(max_length=7)
    value = models.PositiveIntegerField(default=0)

    class Meta:
        verbose_name = _("penomoran")
        verbose_name_plural = _("penomoran")
        constraints = [models.UniqueConstraint(fields=["series", "period"], name="one_counter_per_series_and_period")]

    def __str__(self) -> str:
        return f"{self.series} {self.period}: {self.value}"


class InvoiceQuerySet(models.QuerySet["Invoice"]):
    def visible_to(self, user) -> "InvoiceQuerySet":
        """Issued invoices of the customers that the person is a member of."""
        return self.issued().filter(customer__memberships__user_id=user.pk)

    def issued(self) -> "InvoiceQuerySet":
        return self.exclude(number=None)

    def open(self) -> "InvoiceQuerySet":
        return self.filter(status=Invoice.Status.UNPAID)

    def with_awaiting_verification(self) -> "InvoiceQuerySet":
        """Each invoice knows whether a confirmation of its payment waits for staff: the badge asks."""
        confirmations = self.model._meta.get_field("confirmations").related_model
        submitted = confirmations.objects.filter(invoice=OuterRef("pk"), status="submitted")
        return self.annotate(awaiting_verification=Exists(submitted))


class Invoice(models.Model):
    """``total = subtotal − discount + tax``; ``amount_paid`` is the sum of its allocations, kept by ``payments`` alone."""

    class Status(models.TextChoices):
        DRAFT = "draft", _("Konsep")
        UNPAID = "unpaid", _("Belum dibayar")
        PAID = "paid", _("Lunas")
        CANCELLED = "cancelled", _("Dibatalkan")
        REFUNDED = "refunded", _("Dikembalikan")

    class Kind(models.TextChoices):
        ORDER = "order", _("Pesanan")
        RENEWAL = "renewal", _("Perpanjangan")
        INSTALMENT = "instalment", _("Termin")
        CHANGE = "change", _("Perubahan layanan")
        LATE_FEE = "late_fee", _("Denda keterlambatan")
        ADD_FUNDS = "add_funds", _("Isi kredit")
        MANUAL = "manual", _("Tagihan lain")

    customer = models.ForeignKey(
        Customer, verbose_name=_("pelanggan"), on_delete=models.PROTECT, related_name="invoices"
    )
    kind = models.CharField(_("jenis"), max_length=11, choices=Kind.choices, default=Kind.ORDER)
    # Set on the first invoice of an order only; renewals belong to services.
    order = models.OneToOneField(
        Order, verbose_name=_("pesanan"), on_delete=models.PROTECT, null=True, blank=True, related_name="invoice"
    )
    # The order of which this is a later part, by the number of the part: 2, 3 … (the first is the order's invoice).
    instalment_of = models.ForeignKey(
        Order,
        verbose_name=_("termin dari"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="instalments",
    )
    instalment = models.PositiveSmallIntegerField(_("termin ke"), null=True, blank=True)
    # On every part of an order that is paid in parts, the first included.
    instalment_count = models.PositiveSmallIntegerField(_("banyaknya termin"), default=0)
    late_fee_of = models.OneToOneField(
        "self", verbose_name=_("denda dari"), on_delete=models.PROTECT, null=True, blank=True, related_name="late_fee"
    )
    status = models.CharField(_("status"), max_length=9, choices=Status.choices, default=Status.DRAFT)
    number = models.CharField(_("nomor"), max_length=60, unique=True, null=True, blank=True, editable=False)
    slug = models.CharField(max_length=60, unique=True, null=True, blank=True, editable=False)
    series = models.CharField(max_length=20, default="INV", editable=False)
    period = models.CharField(max_length=7, blank=True, editable=False)
    sequence = models.PositiveIntegerField(null=True, blank=True, editable=False)
    language = models.CharField(_("bahasa"), max_length=2, choices=settings.LANGUAGES, default="id")
    payment_method = models.ForeignKey(
        PaymentMethod, verbose_name=_("metode pembayaran"), on_delete=models.PROTECT, null=True, blank=True
    )

    # A renewal that the customer asked for before its time, and may give up while it is unpaid.
    early = models.BooleanField(_("perpanjangan lebih awal"), default=False, editable=False)

    currency = models.CharField(_("mata uang"), max_length=3, choices=CURRENCIES, default=DEFAULT_CURRENCY)
    subtotal = MoneyField(_("subtotal"), default=0)
    discount = MoneyField(_("potongan"), default=0)
    tax = MoneyField(_("pajak"), default=0)
    total = MoneyField(_("total"), default=0)
    amount_paid = MoneyField(_("sudah dibayar"), default=0, editable=False)
    # The part of ``amount_paid`` that is PPh 23 kept back by the buyer (T6): no money came in for it.
    amount_withheld = MoneyField(_("PPh 23 dipotong"), default=0, editable=False)

    # The part that we do not ask for any more, though nobody paid it.
    amount_written_off = MoneyField(_("dihapusbukukan"), default=0, editable=False)
    # What credit notes took off it: nobody has to pay that part any more, and what was paid of it is credit.
    amount_credited = MoneyField(_("dikoreksi nota kredit"), default=0, editable=False)

    # The tax rule in force on the invoice date, copied (T1).
    tax_name = models.CharField(_("nama pajak"), max_length=40, blank=True)
    tax_rate = models.DecimalField(_("tarif pajak (%)"), max_digits=6, decimal_places=3, default=0)
    tax_base_numerator = models.PositiveSmallIntegerField(default=1)
    tax_base_denominator = models.PositiveSmallIntegerField(default=1)
    tax_base = MoneyField(_("dasar pengenaan pajak"), default=0, help_text=_("DPP nilai lain, dibulatkan (T3)."))
    tax_code = models.CharField(_("kode faktur"), max_length=10, blank=True)

    # Copied at issue (I3): name, address_lines, npwp, nik, email, phone.
    buyer = models.JSONField(_("pembeli"), default=dict)
    seller = models.JSONField(_("penjual"), default=dict)

    # The buyer's own number for it, and what staff adds for the buyer to read.
    po_number = models.CharField(_("nomor PO"), max_length=60, blank=True, validators=[validate_one_line])
    notes = models.TextField(_("catatan di tagihan"), blank=True)

    created_at = models.DateTimeField(_("dibuat"), default=timezone.now, editable=False)
    issued_on = models.DateField(_("tanggal terbit"), null=True, blank=True)
    due_on = models.DateField(_("jatuh tempo"), null=True, blank=True)
    paid_at = models.DateTimeField(_("lunas pada"), null=True, blank=True)
    pdf = models.FileField(upload_to="invoices/", blank=True, editable=False)
    pdf_fingerprint = models.CharField(max_length=64, blank=True, editable=False)

    objects = InvoiceQuerySet.as_manager()

    class Meta:
        verbose_name = _("tagihan")
        verbose_name_plural = _("tagihan")
        ordering = ["-issued_on", "-pk"]
        permissions = [
            ("write_off", _("Boleh menghapusbukukan tagihan")),
            ("see_reports", _("Boleh melihat laporan")),
        ]
        indexes = [
            models.Index(fields=["issued_on"], name="invoices_by_issue"),
            models.Index(fields=["customer", "-issued_on", "-id"], name="invoices_of_customer"),
            models.Index(fields=["status", "due_on"], name="invoices_by_status_and_due"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(status__in=["draft", "cancelled"])
                | Q(number__isnull=False, slug__isnull=False, issued_on__isnull=False, due_on__isnull=False),
                name="issued_invoice_has_number",
            ),
            models.CheckConstraint(
                condition=Q(total=F("subtotal") - F("discount") + F("tax")),
                name="invoice_total_is_the_sum_of_its_parts",
            ),
            models.CheckConstraint(
                condition=Q(subtotal__gte=0, discount__gte=0, discount__lte=F("subtotal"), tax__gte=0),
                name="invoice_amounts_are_not_negative",
            ),
            models.CheckConstraint(
                condition=Q(
                    amount_paid__gte=0, amount_credited__gte=0, amount_paid__lte=F("total") - F("amount_credited")
                ),
                name="invoice_is_never_paid_more_than_its_total",
            ),
            models.CheckConstraint(
                condition=Q(amount_withheld__gte=0, amount_withheld__lte=F("amount_paid")),
                name="withheld_tax_is_part_of_what_is_paid",
            ),
            models.CheckConstraint(
                condition=Q(amount_written_off__gte=0, amount_written_off__lte=F("amount_paid") - F("amount_withheld")),
                name="written_off_is_part_of_what_is_paid",
            ),
            models.CheckConstraint(
                condition=~Q(status="refunded") | Q(amount_credited=F("total"), amount_paid=0),
                name="refunded_invoice_is_credited_in_full",
            ),
            models.CheckConstraint(
                condition=~Q(status="paid") | Q(amount_paid=F("total") - F("amount_credited"), paid_at__isnull=False),
                name="paid_invoice_is_paid_in_full",
            ),
            models.CheckConstraint(
                condition=Q(instalment_of=None, instalment=None) | Q(instalment_of__isnull=False, instalment__gte=2),
                name="a_later_part_of_an_order_has_its_number",
            ),
            models.UniqueConstraint(fields=["instalment_of", "instalment"], name="one_invoice_per_part_of_an_order"),
            models.UniqueConstraint(
                fields=["series", "period", "sequence"], name="one_invoice_per_number_in_its_series"
            ),
            whole_rupiah(
                "subtotal",
                "discount",
                "tax",
                "total",
                "amount_paid",
                "amount_withheld",
                "amount_written_off",
                "amount_credited",
                "tax_base",
                name="invoice_is_rounded_to_its_currency",
            ),
        ]

    def __str__(self) -> str:
        return self.number or f"{self.get_status_display()} #{self.pk}"

    def get_absolute_url(self) -> str:
        return reverse("billing:invoice", args=[self.slug])

    @property
    def balance(self) -> Decimal:
        """What is still to pay."""
        return self.total - self.amount_credited - self.amount_paid

    @property
    def is_overdue(self) -> bool:
        return self.status == self.Status.UNPAID and self.due_on < timezone.localdate()

    @property
    def is_partially_paid(self) -> bool:
        return self.status == self.Status.UNPAID and self.amount_paid > ZERO

    @property
    def tax_terms(self) -> TaxTerms:
        """The rule that its tax was computed by (T1)."""
        return TaxTerms(self.tax_name, self.tax_rate, self.tax_base_numerator, self.tax_base_denominator, self.tax_code)


class InvoiceLine(models.Model):
    """``amount = unit_price × quantity`` (exclusive prices); ``discount`` is this line's part of the invoice's."""

    invoice = models.ForeignKey(Invoice, on_delete=models.CASCADE, related_name="lines")
    service = models.ForeignKey(Service, on_delete=models.PROTECT, null=True, blank=True, related_name="invoice_lines")
    kind = models.CharField(_("jenis"), max_length=12)
    description = models.CharField(_("uraian"), max_length=300)
    detail = models.CharField(_("rincian"), max_length=300, blank=True)
    period_start = models.DateField(_("periode mulai"), null=True, blank=True)
    period_end = models.DateField(_("periode sampai"), null=True, blank=True)
    currency = models.CharField(_("mata uang"), max_length=3, choices=CURRENCIES, default=DEFAULT_CURRENCY)
    quantity = models.PositiveIntegerField(_("jumlah"), default=1)
    unit_price = MoneyField(_("harga satuan"))
    amount = MoneyField(_("jumlah harga"))
    discount = MoneyField(_("potongan"), default=0)
    taxable = models.BooleanField(_("kena PPN"), default=True)
    pph23 = models.BooleanField(_("objek PPh 23"), default=False)
    promotion = models.ForeignKey(Promotion, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    sort = models.PositiveSmallIntegerField(default=0)
    # Its invoice was cancelled, and a later one holds what was left of it.
    replaced = models.BooleanField(default=False, editable=False)

    class Meta:
        verbose_name = _("baris tagihan")
        verbose_name_plural = _("baris tagihan")
        ordering = ["sort", "pk"]
        indexes = [models.Index(fields=["period_end"], condition=Q(period_end__isnull=False), name="lines_by_last_day")]
        constraints = [
            models.CheckConstraint(
                condition=Q(amount__gte=0, discount__gte=0, discount__lte=F("amount")), name="line_is_not_negative"
            ),
            models.UniqueConstraint(
                fields=["service", "period_start"],
                condition=Q(kind="renewal", replaced=False),
                name="one_renewal_line_per_service_and_period",
            ),
            whole_rupiah("unit_price", "amount", "discount", name="line_is_rounded_to_its_currency"),
        ]

    def __str__(self) -> str:
        return self.description

    @property
    def net(self) -> Decimal:
        return self.amount - self.discount


class InvoiceReminder(models.Model):
    """A reminder that was sent: once per invoice and day relative to its due date (S5)."""

    invoice = models.ForeignKey(Invoice, on_delete=models.CASCADE, related_name="reminders")
    offset = models.SmallIntegerField()
    sent_on = models.DateField()

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["invoice", "offset"], name="one_reminder_per_invoice_and_offset")
        ]

    def __str__(self) -> str:
        return f"{self.invoice} {self.offset:+d}"


class InvoiceEvent(Event):
    invoice = models.ForeignKey(Invoice, on_delete=models.CASCADE, related_name="events")


def sum_of(queryset: models.QuerySet, field: str) -> Decimal:
    """The sum of a money field, 0 for no rows."""
    return queryset.aggregate(sum=Sum(field))["sum"] or ZERO
