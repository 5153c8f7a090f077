"""What customers are told, what staff notes for itself, and what customers say of it."""

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from onboarding.models.appointments import Appointment
from onboarding.models.cases import Case, Stage
from onboarding.models.documents import Document


class Writing(models.Model):
    """What staff wrote on a case's page; the same form sent again has the same ``submission_key``."""

    submission_key = models.UUIDField(unique=True, null=True, editable=False)
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("penulis"), on_delete=models.SET_NULL, null=True, related_name="+"
    )
    body = models.TextField(_("isi"))
    created_at = models.DateTimeField(_("ditulis"), default=timezone.now)

    class Meta:
        abstract = True
        ordering = ["created_at", "pk"]

    def __str__(self) -> str:
        return f"{self.case_id}: {self.body[:40]}"


class PublicUpdate(Writing):
    """Written by staff for the customer. ``body`` is Markdown."""

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="updates")

    class Meta(Writing.Meta):
        verbose_name = _("kabar")
        verbose_name_plural = _("kabar")


class InternalNote(Writing):
    """Never a customer's to read: a table of its own, so that a leak needs two mistakes (ON6)."""

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="notes")

    class Meta(Writing.Meta):
        verbose_name = _("catatan internal")
        verbose_name_plural = _("catatan internal")


class Change(models.Model):
    """A change that the customer can see, and the people who were promised an email about it.

    ``told`` are those whose email of it is in the outbox (V5). Changes that come together are told together: the later
    ones in the email of the first, which is ``told_with``. Who wants one email a day has a ``DigestEntry`` instead.
    """

    class Kind(models.TextChoices):
        OPENED = "opened", _("Onboarding dimulai")
        STAGE = "stage", _("Tahap berganti")
        PIC = "pic", _("PIC berganti")
        SCHEDULED = "scheduled", _("Jadwal dibuat")
        RESCHEDULED = "rescheduled", _("Jadwal diubah")
        CANCELLED = "cancelled", _("Jadwal dibatalkan")
        APPOINTMENT_DONE = "appointment_done", _("Jadwal selesai")
        MISSED = "missed", _("Jadwal tidak terlaksana")
        DUE = "due", _("Target tahap diubah")
        DOCUMENT = "document", _("Dokumen baru")
        WITHDRAWN = "withdrawn", _("Dokumen ditarik")
        SIGNED = "signed", _("Dokumen ditandatangani")
        RECEIVED = "received", _("Dokumen diterima")
        SIGNATURE_REFUSED = "signature_refused", _("Tanda tangan diminta lagi")
        PAID = "paid", _("Tagihan lunas")
        UNPAID = "unpaid", _("Pembayaran ditarik kembali")
        REQUIREMENTS_ASKED = "requirements_asked", _("Formulir kebutuhan dibuka")
        REQUIREMENTS = "requirements", _("Kebutuhan dikirim")
        UPDATE = "update", _("Kabar dari PIC")
        LIVE = "live", _("Go live")
        STOPPED = "stopped", _("Onboarding berhenti")
        REOPENED = "reopened", _("Onboarding dibuka lagi")

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="changes")
    kind = models.CharField(max_length=20, choices=Kind.choices)
    at = models.DateTimeField(default=timezone.now)
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    stage = models.ForeignKey(Stage, on_delete=models.PROTECT, null=True, related_name="changes")
    appointment = models.ForeignKey(Appointment, on_delete=models.PROTECT, null=True, related_name="changes")
    document = models.ForeignKey(Document, on_delete=models.PROTECT, null=True, related_name="changes")
    update = models.ForeignKey(PublicUpdate, on_delete=models.PROTECT, null=True, related_name="changes")
    told = models.JSONField(default=list, editable=False)
    told_with = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, editable=False, related_name="told_together"
    )

    class Meta:
        ordering = ["at", "pk"]
        indexes = [models.Index(fields=["case", "-at"], name="changes_of_case")]

    def __str__(self) -> str:
        return f"{self.case_id}: {self.kind}"


class DigestChoice(models.Model):
    """A person who wants one email a day in place of one for each change."""

    user = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="onboarding_digest")
    chosen_at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return str(self.user_id)


class DigestEntry(models.Model):
    """A change that waits for a person's next digest; afterwards ``sent_with`` is the key of the email that told of it."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    change = models.ForeignKey(Change, on_delete=models.CASCADE, related_name="digest_entries")
    sent_with = models.CharField(max_length=60, blank=True)

    class Meta:
        ordering = ["pk"]
        indexes = [
            models.Index(fields=["user"], condition=models.Q(sent_with=""), name="digest_entries_to_send"),
            models.Index(fields=["sent_with"], name="digest_entries_by_email"),
        ]
        constraints = [models.UniqueConstraint(fields=["change", "user"], name="one_digest_entry_per_change_and_user")]

    def __str__(self) -> str:
        return f"{self.user_id}: {self.change_id}"


class Rating(models.Model):
    """What a customer thought of the training or the go-live: 1 (poor) to 5 (very good), once for each."""

    class Subject(models.TextChoices):
        TRAINING = "training", _("Pelatihan")
        GO_LIVE = "go_live", _("Go live")

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="ratings")
    subject = models.CharField(_("tentang"), max_length=8, choices=Subject.choices)
    stars = models.PositiveSmallIntegerField(_("nilai"))
    comment = models.TextField(_("komentar"), blank=True)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("oleh"), on_delete=models.SET_NULL, null=True, related_name="+"
    )
    at = models.DateTimeField(_("dinilai"), default=timezone.now)

    class Meta:
        verbose_name = _("penilaian")
        verbose_name_plural = _("penilaian")
        ordering = ["at", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["case", "subject"], name="one_rating_per_case_and_subject"),
            models.CheckConstraint(condition=models.Q(stars__gte=1, stars__lte=5), name="a_rating_is_one_to_five"),
        ]

    def __str__(self) -> str:
        return f"{self.case_id}: {self.stars}"
