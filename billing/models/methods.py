"""Payment methods that staff switch and order, and the bank accounts that money is transferred to."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.texts import Bilingual, validate_one_line
from billing import qris


class PaymentMethod(models.Model):
    """A way of paying. ``gateway`` names the code behind it (``billing.gateways``)."""

    gateway = models.CharField(_("gateway"), max_length=30)
    name_id = models.CharField(_("nama (Indonesia)"), max_length=80, validators=[validate_one_line])
    name_en = models.CharField(_("nama (Inggris)"), max_length=80, blank=True, validators=[validate_one_line])
    hint_id = models.CharField(_("yang terjadi berikutnya (Indonesia)"), max_length=200, blank=True)
    hint_en = models.CharField(_("yang terjadi berikutnya (Inggris)"), max_length=200, blank=True)
    active = models.BooleanField(_("aktif"), default=True)
    sort = models.PositiveIntegerField(_("urutan"), default=0)

    name = Bilingual()
    hint = Bilingual()

    class Meta:
        verbose_name = _("metode pembayaran")
        verbose_name_plural = _("metode pembayaran")
        ordering = ["sort", "pk"]

    def __str__(self) -> str:
        return self.name


class BankAccount(models.Model):
    method = models.ForeignKey(PaymentMethod, on_delete=models.PROTECT, related_name="bank_accounts")
    bank = models.CharField(_("bank"), max_length=40, validators=[validate_one_line])
    number = models.CharField(_("nomor rekening"), max_length=40, validators=[validate_one_line])
    holder = models.CharField(_("atas nama"), max_length=120, validators=[validate_one_line])
    active = models.BooleanField(_("aktif"), default=True)
    sort = models.PositiveIntegerField(_("urutan"), default=0)
    unique_codes = models.BooleanField(
        _("kode unik"),
        default=False,
        help_text=_("Setiap tagihan meminta jumlah tersendiri (1–999 rupiah lebih), sehingga transfernya dikenali."),
    )
    qris_payload = models.TextField(
        _("teks kode QRIS"),
        blank=True,
        validators=[qris.validate],
        help_text=_(
            "Hanya untuk metode QRIS. Pindai QRIS cetak toko Anda dengan aplikasi pembaca QR mana pun, bukan aplikasi bank, "
            "lalu tempel teksnya di sini; awalnya 000201. Nama, nomor, dan pemilik yang kosong terisi dari teks ini."
        ),
    )
    # Of its statements as CSV, as staff confirmed them last (``billing.bank.tables.Columns``).
    statement_columns = models.JSONField(null=True, blank=True, editable=False)

    class Meta:
        verbose_name = _("rekening bank")
        verbose_name_plural = _("rekening bank")
        ordering = ["sort", "pk"]
        constraints = [models.UniqueConstraint(fields=["bank", "number"], name="one_row_per_bank_account")]

    def __str__(self) -> str:
        return f"{self.bank} {self.number}"

    @property
    def code(self) -> qris.Code | None:
        """What payers scan, where the account is paid by QRIS."""
        return qris.Code(self.qris_payload) if self.qris_payload else None

    @property
    def digits(self) -> str:
        """The number as it is typed into a bank's app."""
        return "".join(char for char in self.number if char.isdigit())
