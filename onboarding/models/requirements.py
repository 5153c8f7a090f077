"""What the customer needs of the product: answers to the template's questions, and the document they become (M7)."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from billing.models.events import Event
from onboarding.models.cases import Case
from onboarding.models.documents import Document


class Requirement(models.Model):
    """A case's form. ``fields`` is a copy of the template's questions, ``answers`` by their key, as JSON."""

    class Status(models.TextChoices):
        DRAFT = "draft", _("Draf")
        SUBMITTED = "submitted", _("Dikirim")

    case = models.OneToOneField(Case, on_delete=models.PROTECT, related_name="requirement")
    fields = models.JSONField(default=list)
    answers = models.JSONField(default=dict)
    status = models.CharField(_("status"), max_length=9, choices=Status.choices, default=Status.DRAFT)
    saved_at = models.DateTimeField(_("disimpan"), null=True, editable=False)
    saved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, editable=False, related_name="+"
    )
    submitted_at = models.DateTimeField(_("dikirim"), null=True, editable=False)
    # The URD, once it was submitted.
    document = models.OneToOneField(
        Document, on_delete=models.PROTECT, null=True, blank=True, related_name="requirement"
    )

    class Meta:
        verbose_name = _("formulir kebutuhan")
        verbose_name_plural = _("formulir kebutuhan")
        constraints = [
            models.CheckConstraint(
                condition=~Q(status="submitted") | Q(submitted_at__isnull=False, document__isnull=False),
                name="a_submitted_requirement_has_its_document",
            )
        ]

    def __str__(self) -> str:
        return str(self.case)


class RequirementEvent(Event):
    requirement = models.ForeignKey(Requirement, on_delete=models.CASCADE, related_name="events")
