"""How customers reach a member of staff who looks after them (M2, M3)."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.texts import Bilingual, validate_one_line


class StaffContact(models.Model):
    """A PIC's card. ``phone`` and ``whatsapp`` are international (E.164); the name and email are the person's own."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL,
        verbose_name=_("staf"),
        on_delete=models.CASCADE,
        limit_choices_to={"is_staff": True},
        related_name="contact",
    )
    title_id = models.CharField(_("jabatan (Indonesia)"), max_length=80, validators=[validate_one_line])
    title_en = models.CharField(_("jabatan (Inggris)"), max_length=80, blank=True, validators=[validate_one_line])
    phone = models.CharField(_("telepon"), max_length=20, blank=True)
    whatsapp = models.CharField(_("WhatsApp"), max_length=20, blank=True)
    photo = models.FileField(upload_to="contacts/", blank=True, editable=False)
    photo_type = models.CharField(max_length=50, blank=True, editable=False)
    photo_size = models.PositiveIntegerField(default=0, editable=False)
    photo_sha256 = models.CharField(max_length=64, blank=True, editable=False)

    title = Bilingual()

    class Meta:
        verbose_name = _("kontak PIC")
        verbose_name_plural = _("kontak PIC")
        ordering = ["user"]

    def __str__(self) -> str:
        return str(self.user)
