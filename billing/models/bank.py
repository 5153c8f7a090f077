"""Bank statements: what was imported, each line that came in, and the unique codes by which transfers are recognised."""

from datetime import datetime, timedelta

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


# A worker that has not said for this long that it goes on recognising an import has died.
RECOGNITION_IS_LOST_AFTER = timedelta(minutes=10)


class StatementImportQuerySet(models.QuerySet["StatementImport"]):
    def to_decide(self) -> "StatementImportQuerySet":
        """What came by itself and needs a person: no account fits, its columns are not known, or it cannot be read."""
        waiting = self.exclude(road=StatementImport.Road.UPLOAD).filter(imported_at=None, put_aside_at=None)
        return waiting.order_by("uploaded_at", "pk")

    def to_recognise(self, now: datetime) -> "StatementImportQuerySet":
        """Taken in, and no worker has its lines in hand."""
        free = Q(recognition_at=None) | Q(recognition_at__lte=now - RECOGNITION_IS_LOST_AFTER)
        return self.filter(free, imported_at__isnull=False, recognised_at=None)


class StatementImport(models.Model):
    """One delivery of an account's movements, mostly a file: looked at by staff or read by itself, then taken in, once."""

    class Road(models.TextChoices):
        """How it came."""

        UPLOAD = "upload", _("Diunggah staf")
        FOLDER = "folder", _("Folder")
        MAILBOX = "mailbox", _("Email")
        WEBHOOK = "webhook", "Webhook"

    # Empty while nobody has said whose it is.
    account = models.ForeignKey(
        BankAccount, verbose_name=_("rekening"), on_delete=models.PROTECT, related_name="statement_imports", null=True
    )
    road = models.CharField(_("jalur"), max_length=8, choices=Road.choices, default=Road.UPLOAD)
    source = models.CharField(_("asal"), max_length=120)
    # As it came; empty where it was too large to keep, or was no file.
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
    # Why it was not taken in by itself.
    problem = models.CharField(_("kendala"), max_length=500, blank=True)
    # Staff does not want it taken in.
    put_aside_at = models.DateTimeField(_("disisihkan"), null=True)
    put_aside_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("disisihkan oleh"),
        on_delete=models.SET_NULL,
        null=True,
        related_name="+",
    )
    # When a worker last said that it has the lines in hand, and when it was through.
    recognition_at = models.DateTimeField(null=True)
    recognised_at = models.DateTimeField(_("dicocokkan"), null=True)

    objects = StatementImportQuerySet.as_manager()

    class Meta:
        verbose_name = _("impor mutasi")
        verbose_name_plural = _("impor mutasi")
        ordering = ["-uploaded_at", "-pk"]
        indexes = [
            models.Index(fields=["imported_at"], condition=Q(recognised_at=None), name="imports_waiting_for_a_worker"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(imported_at=None) | Q(account__isnull=False), name="imported_statement_has_its_account"
            ),
            models.CheckConstraint(
                condition=Q(imported_at=None) | Q(put_aside_at=None), name="imported_statement_is_not_put_aside"
            ),
        ]

    def __str__(self) -> str:
        return self.source


class StatementLineQuerySet(models.QuerySet["StatementLine"]):
    def to_review(self) -> "StatementLineQuerySet":
        """What staff has to look at, oldest first."""
        return self.filter(status=StatementLine.Status.REVIEW).order_by("booked_on", "pk")


class Feed(models.TextChoices):
    """Who tells of a movement, in words and ids of its own: the bank in one of its formats, or a mutation service."""

    CSV = "csv", "CSV"
    MT940 = "mt940", "MT940"
    CAMT = "camt", "CAMT.053"
    WEBHOOK = "webhook", "Webhook"


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
    feed = models.CharField(_("sumber"), max_length=8, choices=Feed.choices, default=Feed.CSV, editable=False)
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


class StatementTwin(models.Model):
    """A line's movement as another feed told it, under that feed's own key: it is the same money and is written once."""

    line = models.ForeignKey(StatementLine, on_delete=models.CASCADE, related_name="twins")
    account = models.ForeignKey(BankAccount, on_delete=models.PROTECT, related_name="+")
    feed = models.CharField(_("sumber"), max_length=8, choices=Feed.choices)
    key = models.CharField(max_length=120)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["account", "key"], name="one_twin_per_key_in_its_account"),
            models.UniqueConstraint(fields=["line", "feed"], name="one_twin_per_line_and_feed"),
        ]

    def __str__(self) -> str:
        return f"{self.get_feed_display()}: {self.line}"


class StatementLineEvent(Event):
    line = models.ForeignKey(StatementLine, on_delete=models.CASCADE, related_name="events")
