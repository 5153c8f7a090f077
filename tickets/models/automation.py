"""What happens by itself to tickets whose customers wait too long."""

from django.conf import settings
from django.contrib.auth.models import Group
from django.core.exceptions import ValidationError
from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.texts import validate_one_line
from tickets.models.departments import Department
from tickets.models.tickets import Priority, Ticket

_STAFF = {"is_staff": True, "is_active": True}


class EscalationRule(models.Model):
    """Once a customer has waited ``waiting_minutes`` of the department's office time: assign, raise, notify."""

    name = models.CharField(_("nama"), max_length=120, validators=[validate_one_line])
    active = models.BooleanField(_("aktif"), default=True)
    sort = models.PositiveIntegerField(_("urutan"), default=0)
    department = models.ForeignKey(
        Department,
        verbose_name=_("departemen"),
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="escalation_rules",
        help_text=_("Kosong: semua departemen."),
    )
    priority = models.PositiveSmallIntegerField(
        _("mulai dari prioritas"),
        choices=Priority.choices,
        null=True,
        blank=True,
        help_text=_("Kosong: semua prioritas."),
    )
    waiting_minutes = models.PositiveIntegerField(
        _("setelah pelanggan menunggu (menit kerja)"), validators=[MinValueValidator(1)]
    )
    set_priority = models.PositiveSmallIntegerField(
        _("naikkan prioritas menjadi"), choices=Priority.choices, null=True, blank=True
    )
    assign_to = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("tugaskan kepada"),
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        limit_choices_to=_STAFF,
        related_name="+",
    )
    notify_user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("beri tahu orang"),
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        limit_choices_to=_STAFF,
        related_name="+",
    )
    notify_group = models.ForeignKey(
        Group, verbose_name=_("beri tahu grup"), on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )

    class Meta:
        verbose_name = _("aturan eskalasi")
        verbose_name_plural = _("aturan eskalasi")
        ordering = ["sort", "waiting_minutes", "pk"]
        constraints = [
            models.CheckConstraint(condition=Q(waiting_minutes__gt=0), name="escalation_waits_for_something")
        ]

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        super().clean()
        if not any([self.set_priority, self.assign_to_id, self.notify_user_id, self.notify_group_id]):
            raise ValidationError(
                _("Pilih sedikitnya satu hal yang dilakukan: prioritas, penugasan, atau pemberitahuan.")
            )


class EscalationRun(models.Model):
    """A rule acted on a ticket, once for each time that the customer waited (``Ticket.waiting_since``)."""

    rule = models.ForeignKey(EscalationRule, on_delete=models.CASCADE, related_name="runs")
    ticket = models.ForeignKey(Ticket, on_delete=models.CASCADE, related_name="escalations")
    waiting_since = models.DateTimeField()
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["rule", "ticket", "waiting_since"], name="one_escalation_per_wait")
        ]

    def __str__(self) -> str:
        return f"{self.rule}: {self.ticket}"
