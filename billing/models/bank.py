"""Bank statements: what was imported, each line that came in, and the unique codes by which transfers are recognised."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from billing.models.events import Event
from billing.models.invoices import Invoice
from billing.models.methods import BankAccount
from catalog.money import CURRENCIES, DEFAULT_CURRENCY, MoneyField, whole_rupiah


class TransferCode(models.Model):
    """The amount that tells one open transfer to an account from all others: the invoice's balance and ``code`` (U1)."""

    invoice = models.ForeignKey(Invoice, on_delete=models.CASCADE, related_name="transfer_codes")
    account = models.ForeignKey(BankAccount, on_delete=models.PROTECT, related_name="transfer_codes")
    code = models.PositiveSmallIntegerField(_("kode unik"))
    currency = models.CharField(max_length=3, choices=CURRENCIES, default=DEFAULT_CURRENCY)
    payable = MoneyField(_("jumlah transfer"))
    created_at = models.DateTimeField(default=timezone.now)
    closed_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("kode unik transfer")
        verbose_name_plural = _("kode unik transfer")
        ordering = ["-created_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["account", "payable"], condition=Q(closed_at=None), name="one_open_transfer_per_amount"
            ),
            models.UniqueConstraint(
                fields=["account", "invoice"], condition=Q(closed_at=None), name="one_open_code_per_invoice_and_account"
            ),
            models.CheckConstraint(condition=Q(code__gte=1, code__lte=999), name="unique_code_has_three_digits"),
            whole_rupiah("payable", name="transfer_is_rounded_to_its_currency"),
        ]

    def __str__(self) -> str:
        return f"{self.invoice}: {self.code:03d}"


class StatementImport(models.Model):
    """One file of an account's movements: looked at first, then taken in, once."""

    account = models.ForeignKey(
        BankAccount, verbose_name=_("rekening"), on_delete=models.PROTECT, related_name="statement_imports"
    )
    source = models.CharField(_("asal"), max_length=120)
    # Until it is taken in, the file itself, with its columns where it is a table.
    file = models.FileField(upload_to="statements/", blank=True)
    size = models.PositiveIntegerField(default=0)
    sha256 = models.CharField(max_length=64)
    columns = models.JSONField(null=True)
    uploaded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("diunggah oleh"),
        on_delete=models.SET_NULL,
        null=True,
        related_name="+",
    )
    uploaded_at = models.DateTimeField(_("diunggah"), default=timezone.now)
    imported_at = models.DateTimeField(_("diimpor"), null=True)
    # What became of its rows: new, known, ignored, matched.
    counts = models.JSONField(_("hasil"), default=dict)

    class Meta:
        verbose_name = _("impor mutasi")
        verbose_name_plural = _("impor mutasi")
        ordering = ["-uploaded_at", "-pk"]

    def __str__(self) -> str:
        return self.source


class StatementLineQuerySet(models.QuerySet["StatementLine"]):
    def to_review(self) -> "StatementLineQuerySet":
        """What staff has to look at, oldest first."""
        return self.filter(status=StatementLine.Status.REVIEW).order_by("booked_on", "pk")


class StatementLine(models.Model):
    """Money that came into an account, as the bank says it. ``key`` is unique per account: a line is imported once (U2)."""

    class Status(models.TextChoices):
        REVIEW = "review", _("Perlu ditinjau")
        MATCHED = "matched", _("Dikenali")
        ASSIGNED = "assigned", _("Ditetapkan staf")
        IGNORED = "ignored", _("Diabaikan")

    class Rule(models.TextChoices):
        """What told whose it is: one of U3's rules, or staff."""

        CODE = "code", _("Jumlah dengan kode unik")
        NUMBER = "number", _("Nomor tagihan")
        NUMBERS = "numbers", _("Beberapa nomor tagihan")
        STAFF = "staff", _("Staf")

    account = models.ForeignKey(
        BankAccount, verbose_name=_("rekening"), on_delete=models.PROTECT, related_name="statement_lines"
    )
    imported = models.ForeignKey(
        StatementImport, verbose_name=_("impor"), on_delete=models.PROTECT, related_name="lines"
    )
    key = models.CharField(max_length=120, editable=False)
    booked_on = models.DateField(_("tanggal"))
    currency = models.CharField(_("mata uang"), max_length=3, choices=CURRENCIES, default=DEFAULT_CURRENCY)
    amount = MoneyField(_("jumlah"))
    payer = models.CharField(_("pengirim"), max_length=140, blank=True)
    text = models.CharField(_("keterangan"), max_length=600, blank=True)
    balance = MoneyField(_("saldo"), null=True)
    status = models.CharField(_("status"), max_length=8, choices=Status.choices, default=Status.REVIEW)
    rule = models.CharField(_("dikenali dari"), max_length=10, choices=Rule.choices, blank=True)
    # Staff undid what was done by itself: from then on only they decide.
    by_hand = models.BooleanField(_("hanya oleh staf"), default=False)
    created_at = models.DateTimeField(_("diimpor"), default=timezone.now, editable=False)

    objects = StatementLineQuerySet.as_manager()

    class Meta:
        verbose_name = _("mutasi masuk")
        verbose_name_plural = _("mutasi masuk")
        ordering = ["-booked_on", "-pk"]
        indexes = [models.Index(fields=["status", "booked_on"], name="lines_by_status_and_day")]
        constraints = [
            models.UniqueConstraint(fields=["account", "key"], name="one_line_per_key_in_its_account"),
            models.CheckConstraint(condition=Q(amount__gt=0), name="statement_line_is_money_that_came_in"),
            whole_rupiah("amount", name="statement_line_is_rounded_to_its_currency"),
        ]

    def __str__(self) -> str:
        return f"{self.booked_on:%Y-%m-%d} {self.payer or self.text}"[:80]


class StatementLineEvent(Event):
    line = models.ForeignKey(StatementLine, on_delete=models.CASCADE, related_name="events")
