"""Private links to one invoice, for people without an account here, such as a company's finance department."""

from datetime import timedelta

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from billing.models.invoices import Invoice

PAY_LINK_LIFETIME = timedelta(days=14)


class PayLink(models.Model):
    """The one living link of an invoice. A new ``key`` (see ``billing.paylinks``) ends every link given out before."""

    invoice = models.OneToOneField(
        Invoice, verbose_name=_("tagihan"), on_delete=models.CASCADE, related_name="pay_link"
    )
    key = models.CharField(max_length=32, editable=False)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("dibuat oleh"), on_delete=models.SET_NULL, null=True, related_name="+"
    )
    created_at = models.DateTimeField(_("dibuat"), default=timezone.now)
    expires_at = models.DateTimeField(_("berlaku sampai"))

    class Meta:
        verbose_name = _("tautan pembayaran")
        verbose_name_plural = _("tautan pembayaran")

    def __str__(self) -> str:
        return str(self.invoice)

    @property
    def is_open(self) -> bool:
        return self.expires_at > timezone.now()
