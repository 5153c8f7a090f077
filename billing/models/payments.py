"""Money that came in, which invoices it pays, customers' credit, and the confirmations customers send."""

from django.conf import settings
from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import Customer
from accounts.texts import validate_one_line
from billing.models.events import Event
from billing.models.invoices import Invoice
from billing.models.methods import BankAccount, PaymentMethod
from catalog.money import CURRENCIES, DEFAULT_CURRENCY, MoneyField, whole_rupiah


class Payment(models.Model):
    """Money received once. ``cause`` (such as ``confirmation:12``) is unique: doing it twice changes nothing (C5)."""

    class Source(models.TextChoices):
        CONFIRMATION = "confirmation", _("Konfirmasi pembayaran")
        STAFF = "staff", _("Dicatat staf")
        GATEWAY = "gateway", _("Gerbang pembayaran")
        STATEMENT = "statement", _("Mutasi rekening")
        # These settle an invoice without money coming in.
        WITHHOLDING = "withholding", _("PPh 23 dipotong")
        DIFFERENCE = "difference", _("Selisih kecil ditutup")
        WRITE_OFF = "write_off", _("Dihapusbukukan")

    customer = models.ForeignKey(
        Customer, verbose_name=_("pelanggan"), on_delete=models.PROTECT, related_name="payments"
    )
    cause = models.CharField(_("sebab"), max_length=120, unique=True, editable=False)
    source = models.CharField(_("sumber"), max_length=30, choices=Source.choices)
    method = models.ForeignKey(PaymentMethod, verbose_name=_("metode"), on_delete=models.PROTECT, null=True, blank=True)
    currency = models.CharField(_("mata uang"), max_length=3, choices=CURRENCIES, default=DEFAULT_CURRENCY)
    amount = MoneyField(_("jumlah"))
    received_on = models.DateField(_("tanggal diterima"))
    reference = models.CharField(_("referensi"), max_length=150, blank=True)
    statement_line = models.ForeignKey(
        "billing.StatementLine",
        verbose_name=_("mutasi"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="payments",
    )
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("dicatat oleh"), on_delete=models.SET_NULL, null=True, related_name="+"
    )
    recorded_at = models.DateTimeField(_("dicatat"), default=timezone.now, editable=False)

    class Meta:
        verbose_name = _("pembayaran")
        verbose_name_plural = _("pembayaran")
        ordering = ["-recorded_at", "-pk"]
        indexes = [models.Index(fields=["customer", "-recorded_at"], name="payments_of_customer")]
        constraints = [
            models.CheckConstraint(condition=Q(amount__gt=0), name="payment_is_more_than_nothing"),
            whole_rupiah("amount", name="payment_is_rounded_to_its_currency"),
        ]

    def __str__(self) -> str:
        return f"#{self.pk} {self.reference}".strip()


class PaymentReversal(models.Model):
    """A payment was taken back, once (C5). Its allocations and credit are answered by rows of the opposite sign."""

    payment = models.OneToOneField(Payment, on_delete=models.PROTECT, related_name="reversal")
    reason = models.TextField(_("alasan"))
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("oleh"), on_delete=models.SET_NULL, null=True, related_name="+"
    )
    created_at = models.DateTimeField(_("dibatalkan pada"), default=timezone.now, editable=False)

    class Meta:
        verbose_name = _("pembatalan pembayaran")
        verbose_name_plural = _("pembatalan pembayaran")
        ordering = ["-created_at", "-pk"]

    def __str__(self) -> str:
        return f"{self.payment}: {self.reason}"


class Allocation(models.Model):
    """The part of a payment that pays an invoice; negative where a reversal takes it back. ``cause`` is unique."""

    payment = models.ForeignKey(Payment, on_delete=models.PROTECT, related_name="allocations")
    invoice = models.ForeignKey(Invoice, on_delete=models.PROTECT, related_name="allocations")
    cause = models.CharField(max_length=120, unique=True, editable=False)
    currency = models.CharField(max_length=3, choices=CURRENCIES, default=DEFAULT_CURRENCY)
    amount = MoneyField(_("jumlah"))
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        verbose_name = _("alokasi")
        verbose_name_plural = _("alokasi")
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(condition=~Q(amount=0), name="allocation_is_not_zero"),
            whole_rupiah("amount", name="allocation_is_rounded_to_its_currency"),
        ]

    def __str__(self) -> str:
        return f"{self.payment} → {self.invoice}"


class CreditEntry(models.Model):
    """One signed entry of a customer's credit; the balance is their sum."""

    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="credit_entries")
    cause = models.CharField(max_length=120, unique=True, editable=False)
    currency = models.CharField(max_length=3, choices=CURRENCIES, default=DEFAULT_CURRENCY)
    amount = MoneyField(_("jumlah"))
    payment = models.ForeignKey(Payment, on_delete=models.PROTECT, null=True, blank=True, related_name="credit_entries")
    invoice = models.ForeignKey(Invoice, on_delete=models.PROTECT, null=True, blank=True, related_name="credit_entries")
    refund = models.ForeignKey(
        "billing.Refund", on_delete=models.PROTECT, null=True, blank=True, related_name="credit_entries"
    )
    provider_refund = models.ForeignKey(
        "billing.ProviderRefund", on_delete=models.PROTECT, null=True, blank=True, related_name="credit_entries"
    )
    note = models.CharField(_("catatan"), max_length=200, blank=True)
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        verbose_name = _("kredit")
        verbose_name_plural = _("kredit")
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(condition=~Q(amount=0), name="credit_entry_is_not_zero"),
            whole_rupiah("amount", name="credit_is_rounded_to_its_currency"),
        ]

    def __str__(self) -> str:
        return f"{self.customer}: {self.amount}"


class ConfirmationQuerySet(models.QuerySet["PaymentConfirmation"]):
    def visible_to(self, user) -> "ConfirmationQuerySet":
        return self.filter(invoice__customer__memberships__user_id=user.pk)

    def leading(self, **among) -> "ConfirmationQuerySet":
        """One for each transfer: those of a transfer for several invoices are decided and told of together (C4)."""
        earlier = PaymentConfirmation.objects.filter(transfer=OuterRef("transfer"), pk__lt=OuterRef("pk"), **among)
        return self.exclude(Exists(earlier))

    def waiting(self) -> "ConfirmationQuerySet":
        """What staff has to decide, oldest first."""
        # A line of a statement may have proven a part of a transfer: then the rest of it waits alone.
        submitted = PaymentConfirmation.Status.SUBMITTED
        waiting = self.filter(status=submitted).leading(status=submitted)
        return waiting.order_by("submitted_at", "pk")


class PaymentConfirmation(models.Model):
    """A customer's word, with proof, that a transfer was made (RULES K)."""

    class Status(models.TextChoices):
        SUBMITTED = "submitted", _("Menunggu verifikasi")
        APPROVED = "approved", _("Diterima")
        REJECTED = "rejected", _("Ditolak")
        WITHDRAWN = "withdrawn", _("Ditarik")

    invoice = models.ForeignKey(
        Invoice, verbose_name=_("tagihan"), on_delete=models.PROTECT, related_name="confirmations"
    )
    submitted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("dikirim oleh"), on_delete=models.SET_NULL, null=True, related_name="+"
    )
    submitted_at = models.DateTimeField(_("dikirim"), default=timezone.now, editable=False)
    status = models.CharField(_("status"), max_length=9, choices=Status.choices, default=Status.SUBMITTED)
    bank_account = models.ForeignKey(BankAccount, verbose_name=_("transfer ke"), on_delete=models.PROTECT)
    sender_bank = models.CharField(_("bank pengirim"), max_length=60, validators=[validate_one_line])
    sender_number = models.CharField(
        _("nomor rekening pengirim"), max_length=40, blank=True, validators=[validate_one_line]
    )
    sender_name = models.CharField(_("nama pengirim"), max_length=120, validators=[validate_one_line])
    transferred_on = models.DateField(_("tanggal transfer"))
    currency = models.CharField(_("mata uang"), max_length=3, choices=CURRENCIES, default=DEFAULT_CURRENCY)
    amount = MoneyField(_("jumlah yang ditransfer"))
    # What the customer states to keep back beside the transfer (T6).
    withheld = MoneyField(_("PPh 23 dipotong"), default=0)
    note = models.TextField(_("catatan"), blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("diputuskan oleh"),
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
    )
    decided_at = models.DateTimeField(_("diputuskan"), null=True, blank=True)
    reason = models.TextField(_("alasan penolakan"), blank=True)
    # Drawn for a transfer that pays several invoices: the confirmations of one transfer have the same (C4).
    transfer = models.UUIDField(null=True, blank=True, db_index=True, editable=False)
    payment = models.ForeignKey(Payment, on_delete=models.PROTECT, null=True, blank=True, related_name="confirmations")

    objects = ConfirmationQuerySet.as_manager()

    class Meta:
        verbose_name = _("konfirmasi pembayaran")
        verbose_name_plural = _("konfirmasi pembayaran")
        ordering = ["-submitted_at", "-pk"]
        permissions = [("verify_payment", _("Boleh memverifikasi pembayaran"))]
        indexes = [models.Index(fields=["status", "submitted_at"], name="confirmations_by_status")]
        constraints = [
            models.UniqueConstraint(
                fields=["invoice"], condition=Q(status="submitted"), name="one_submitted_confirmation_per_invoice"
            ),
            models.CheckConstraint(condition=Q(amount__gt=0), name="confirmed_amount_is_more_than_nothing"),
            models.CheckConstraint(condition=Q(withheld__gte=0), name="withheld_amount_is_not_negative"),
            models.CheckConstraint(
                condition=~Q(status="approved") | Q(payment__isnull=False, decided_at__isnull=False),
                name="approved_confirmation_has_its_payment",
            ),
            models.CheckConstraint(condition=~Q(status="rejected") | ~Q(reason=""), name="rejection_has_a_reason"),
            models.CheckConstraint(
                condition=Q(decided_by__isnull=True)
                | Q(submitted_by__isnull=True)
                | ~Q(decided_by=F("submitted_by"))
                | Q(status="withdrawn"),
                name="nobody_decides_on_the_own_confirmation",
            ),
            whole_rupiah("amount", "withheld", name="confirmation_is_rounded_to_its_currency"),
        ]

    def __str__(self) -> str:
        return f"{self.invoice}: {self.get_status_display()}"


class ProofFile(models.Model):
    """A proof of payment, stored under a random name; the customer's own name for it is shown only."""

    class Kind(models.TextChoices):
        TRANSFER = "transfer", _("Bukti transfer")
        WITHHOLDING = "withholding", _("Bukti potong PPh 23")

    confirmation = models.ForeignKey(PaymentConfirmation, on_delete=models.CASCADE, related_name="proofs")
    kind = models.CharField(_("jenis"), max_length=11, choices=Kind.choices, default=Kind.TRANSFER)
    file = models.FileField(upload_to="proofs/")
    name = models.CharField(_("nama berkas"), max_length=150)
    content_type = models.CharField(max_length=50)
    size = models.PositiveIntegerField()
    # Of the stored bytes (V9), and of what the customer sent (K5: the same picture sent again).
    sha256 = models.CharField(max_length=64)
    sent_sha256 = models.CharField(max_length=64, db_index=True)

    class Meta:
        verbose_name = _("bukti pembayaran")
        verbose_name_plural = _("bukti pembayaran")
        ordering = ["pk"]

    def __str__(self) -> str:
        return self.name

    @classmethod
    def of(cls, confirmation: PaymentConfirmation, kind: str, stored_as: str, file) -> "ProofFile":
        """The unsaved row of a checked upload (``uploads.AcceptedFile``)."""
        return cls(
            confirmation=confirmation,
            kind=kind,
            file=stored_as,
            name=file.name,
            content_type=file.content_type,
            size=file.size,
            sha256=file.sha256,
            sent_sha256=file.sent_sha256,
        )


class ConfirmationEvent(Event):
    confirmation = models.ForeignKey(PaymentConfirmation, on_delete=models.CASCADE, related_name="events")
