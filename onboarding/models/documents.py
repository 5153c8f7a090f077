"""Documents, their versions and their signatures (ON5)."""

from types import SimpleNamespace

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.texts import validate_one_line
from billing.models.events import Event
from onboarding.models.appointments import Appointment
from onboarding.models.cases import Case, Stage


class Document(models.Model):
    """Its dates are those of the newest version: a new one clears what was signed. All of its versions stay.

    Invoices are not documents here: the documents page lists billing's beside these.
    """

    class Kind(models.TextChoices):
        QUOTATION = "quotation", _("Penawaran")
        URD = "urd", _("URD (dokumen kebutuhan)")
        CONTRACT = "contract", _("Kontrak")
        MATERIAL = "material", _("Materi pelatihan")
        OTHER = "other", _("Lainnya")

    class Status(models.TextChoices):
        SHARED = "shared", _("Dibagikan")
        SENT = "sent", _("Menunggu tanda tangan")
        SIGNED = "signed", _("Ditandatangani")
        RECEIVED = "received", _("Diterima")
        WITHDRAWN = "withdrawn", _("Ditarik")

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="documents")
    stage = models.ForeignKey(
        Stage, verbose_name=_("tahap"), on_delete=models.PROTECT, null=True, blank=True, related_name="documents"
    )
    appointment = models.ForeignKey(
        Appointment,
        verbose_name=_("jadwal"),
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="materials",
    )
    kind = models.CharField(_("jenis"), max_length=9, choices=Kind.choices)
    title = models.CharField(_("judul"), max_length=150, validators=[validate_one_line])
    needs_signature = models.BooleanField(_("perlu tanda tangan"), default=False)
    status = models.CharField(_("status"), max_length=9, choices=Status.choices)
    created_at = models.DateTimeField(_("dibuat"), default=timezone.now, editable=False)
    sent_at = models.DateTimeField(_("dikirim"), null=True, editable=False)
    signed_at = models.DateTimeField(_("ditandatangani"), null=True, editable=False)
    received_at = models.DateTimeField(_("diterima"), null=True, editable=False)

    class Meta:
        verbose_name = _("dokumen")
        verbose_name_plural = _("dokumen")
        ordering = ["-created_at", "-pk"]
        indexes = [models.Index(fields=["case", "-created_at"], name="documents_of_case")]
        constraints = [
            models.CheckConstraint(
                condition=Q(needs_signature=True) | Q(status__in=["shared", "withdrawn"]),
                name="only_what_needs_a_signature_waits_for_one",
            ),
            models.CheckConstraint(
                condition=~Q(status="sent") | Q(sent_at__isnull=False, signed_at=None, received_at=None),
                name="a_sent_document_is_unsigned",
            ),
            models.CheckConstraint(
                condition=~Q(status="signed") | Q(signed_at__isnull=False, received_at=None),
                name="a_signed_document_has_its_date",
            ),
            models.CheckConstraint(
                condition=~Q(status="received") | Q(signed_at__isnull=False, received_at__isnull=False),
                name="a_received_document_was_signed",
            ),
        ]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("onboarding:document", args=[self.pk])


class DocumentEvent(Event):
    document = models.ForeignKey(Document, on_delete=models.CASCADE, related_name="events")


class DocumentVersion(models.Model):
    """A stored file, under a random name. ``sha256`` is of the stored bytes: what a signature names."""

    document = models.ForeignKey(Document, on_delete=models.CASCADE, related_name="versions")
    number = models.PositiveSmallIntegerField(_("versi"))
    file = models.FileField(upload_to="onboarding/")
    name = models.CharField(_("nama berkas"), max_length=150)
    content_type = models.CharField(max_length=50)
    size = models.PositiveIntegerField()
    sha256 = models.CharField(max_length=64)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, editable=False, related_name="+"
    )
    created_at = models.DateTimeField(_("dibuat"), default=timezone.now, editable=False)

    class Meta:
        verbose_name = _("versi dokumen")
        verbose_name_plural = _("versi dokumen")
        ordering = ["number"]
        constraints = [models.UniqueConstraint(fields=["document", "number"], name="one_version_per_number")]

    def __str__(self) -> str:
        return f"{self.document} v{self.number}"


class Signature(models.Model):
    """One version's: a typed name, or the signed file. ``signed_sha256`` is the hash of the version that was signed.

    A refused upload is kept (``refused_at``); the version can then be signed again.
    """

    class Way(models.TextChoices):
        TYPED = "typed", _("Nama diketik")
        UPLOADED = "uploaded", _("Berkas bertanda tangan")

    version = models.ForeignKey(DocumentVersion, on_delete=models.PROTECT, related_name="signatures")
    way = models.CharField(_("cara"), max_length=8, choices=Way.choices)
    signer = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("penanda tangan"), on_delete=models.PROTECT, related_name="+"
    )
    name = models.CharField(_("nama"), max_length=150, validators=[validate_one_line])
    signed_at = models.DateTimeField(_("ditandatangani"), default=timezone.now)
    ip_address = models.GenericIPAddressField(_("alamat IP"), null=True)
    signed_sha256 = models.CharField(_("hash dokumen"), max_length=64)
    file = models.FileField(upload_to="onboarding/", blank=True)
    file_name = models.CharField(_("nama berkas"), max_length=150, blank=True)
    content_type = models.CharField(max_length=50, blank=True)
    size = models.PositiveIntegerField(default=0)
    sha256 = models.CharField(max_length=64, blank=True)
    refused_at = models.DateTimeField(_("ditolak"), null=True)

    class Meta:
        verbose_name = _("tanda tangan")
        verbose_name_plural = _("tanda tangan")
        ordering = ["signed_at", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["version"], condition=Q(refused_at=None), name="one_signature_per_version"),
            models.CheckConstraint(
                condition=(Q(way="typed", file="") | (Q(way="uploaded") & ~Q(file=""))),
                name="an_uploaded_signature_has_its_file",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name}: {self.version}"

    @property
    def as_sent(self) -> SimpleNamespace:
        """The file under the name that it was sent with, as downloads take it."""
        return SimpleNamespace(file=self.file, name=self.file_name, content_type=self.content_type)
