"""What a product's onboarding consists of. A case copies its template, so later edits leave running cases alone."""

from django.contrib.auth.models import Group
from django.core.validators import RegexValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.texts import Bilingual, validate_one_line
from catalog.models import Product

validate_key = RegexValidator(
    r"^[a-z][a-z0-9_]*$", _("Pakai huruf kecil, angka dan garis bawah, contoh: data_migration.")
)


class StageKey:
    """The stages of ON1. Templates may have others of their own; these mean something to the code."""

    INITIAL_CALL = "initial_call"
    SALES_MEETING = "sales_meeting"
    QUOTATION = "quotation"
    INVOICE_PAYMENT = "invoice_payment"
    REQUIREMENT_GATHERING = "requirement_gathering"
    TRAINING = "training"
    GO_LIVE = "go_live"
    POST_ACTIVATION = "post_activation"


class Completion(models.TextChoices):
    """What ends a stage: a PIC, or a fact, without which the stage can be skipped at most (``onboarding.progress``)."""

    BY_HAND = "by_hand", _("Oleh PIC")
    EVENTS_DONE = "events_done", _("Semua jadwal selesai")
    DOCUMENT_SIGNED = "document_signed", _("Dokumen ditandatangani dan diterima")
    INVOICE_PAID = "invoice_paid", _("Tagihan lunas")
    SERVICE_ACTIVE = "service_active", _("Layanan aktif")


class StageText(models.Model):
    """The columns that a template's stage and a case's copy of it share. ``{company}`` in a text is the shop's name."""

    key = models.CharField(_("kunci"), max_length=40, validators=[validate_key])
    name_id = models.CharField(_("nama (Indonesia)"), max_length=120, validators=[validate_one_line])
    name_en = models.CharField(_("nama (Inggris)"), max_length=120, blank=True, validators=[validate_one_line])
    text_id = models.TextField(_("keterangan (Indonesia)"), blank=True)
    text_en = models.TextField(_("keterangan (Inggris)"), blank=True)
    target_days = models.PositiveSmallIntegerField(
        _("target hari"), default=7, help_text=_("Hari kalender sejak tahap dimulai; 0: tanpa target.")
    )
    pic_group = models.ForeignKey(
        Group, verbose_name=_("tim PIC"), on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    optional = models.BooleanField(_("boleh dilewati"), default=False)
    completion = models.CharField(
        _("selesai bila"), max_length=16, choices=Completion.choices, default=Completion.BY_HAND
    )
    sort = models.PositiveSmallIntegerField(_("urutan"), default=0)

    name = Bilingual()
    text = Bilingual()

    class Meta:
        abstract = True


class Template(models.Model):
    """The onboarding of a product: its stages and what the requirement form asks."""

    product = models.OneToOneField(
        Product, verbose_name=_("produk"), on_delete=models.CASCADE, related_name="onboarding_template"
    )
    active = models.BooleanField(
        _("aktif"), default=True, help_text=_("Pesanan baru untuk produk ini memulai onboarding.")
    )

    class Meta:
        verbose_name = _("template onboarding")
        verbose_name_plural = _("template onboarding")
        ordering = ["product"]

    def __str__(self) -> str:
        return str(self.product)


class TemplateStage(StageText):
    template = models.ForeignKey(Template, on_delete=models.CASCADE, related_name="stages")

    class Meta:
        verbose_name = _("tahap")
        verbose_name_plural = _("tahap")
        ordering = ["sort", "pk"]
        constraints = [models.UniqueConstraint(fields=["template", "key"], name="one_template_stage_per_key")]

    def __str__(self) -> str:
        return self.name


class RequirementField(models.Model):
    """A question of the requirement form. ``choices`` are one per line, Indonesian and English divided by ``|``."""

    class Kind(models.TextChoices):
        TEXT = "text", _("Satu baris")
        LONG_TEXT = "long_text", _("Beberapa baris")
        NUMBER = "number", _("Angka")
        DATE = "date", _("Tanggal")
        CHOICE = "choice", _("Pilihan")
        YES_NO = "yes_no", _("Ya atau tidak")

    template = models.ForeignKey(Template, on_delete=models.CASCADE, related_name="fields")
    key = models.CharField(_("kunci"), max_length=40, validators=[validate_key])
    kind = models.CharField(_("jenis"), max_length=9, choices=Kind.choices, default=Kind.TEXT)
    label_id = models.CharField(_("pertanyaan (Indonesia)"), max_length=200, validators=[validate_one_line])
    label_en = models.CharField(_("pertanyaan (Inggris)"), max_length=200, blank=True, validators=[validate_one_line])
    help_id = models.CharField(_("bantuan (Indonesia)"), max_length=250, blank=True)
    help_en = models.CharField(_("bantuan (Inggris)"), max_length=250, blank=True)
    choices = models.TextField(_("pilihan"), blank=True, help_text=_("Satu per baris: Indonesia | Inggris."))
    required = models.BooleanField(_("wajib"), default=True)
    sort = models.PositiveSmallIntegerField(_("urutan"), default=0)

    label = Bilingual()
    help = Bilingual()

    class Meta:
        verbose_name = _("pertanyaan kebutuhan")
        verbose_name_plural = _("pertanyaan kebutuhan")
        ordering = ["sort", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["template", "key"], name="one_requirement_field_per_key"),
            models.CheckConstraint(
                condition=~models.Q(kind="choice") | ~models.Q(choices=""),
                name="a_choice_has_choices",
                violation_error_message=_("Isi pilihannya, satu per baris."),
            ),
        ]

    def __str__(self) -> str:
        return self.label
