"""Tickets: who asks, whose turn it is, what was promised."""

import secrets
from datetime import datetime, timedelta

from django.apps import apps
from django.conf import settings
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import Customer, Membership
from accounts.roles import Ability, Role, roles_with
from accounts.texts import validate_one_line
from billing.models import Invoice, PaymentConfirmation, Service
from billing.models.events import Event
from tickets.models.departments import Department

# Without 0/O, 1/I/L: people read numbers aloud.
NUMBER_ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
NUMBER_LENGTH = 8
# A person counts as present in a ticket this long after the browser last said so.
PRESENT_FOR = timedelta(seconds=30)


def new_number() -> str:
    """``T-7KQ2M9XA``: unguessable, for addresses and subjects."""
    return "T-" + "".join(secrets.choice(NUMBER_ALPHABET) for _place in range(NUMBER_LENGTH))


class Priority(models.IntegerChoices):
    """Numbers, so that the urgent ones sort first."""

    LOW = 1, _("Rendah")
    NORMAL = 2, _("Normal")
    HIGH = 3, _("Tinggi")
    URGENT = 4, _("Mendesak")


class TicketQuerySet(models.QuerySet["Ticket"]):
    def of_members(self, user) -> "TicketQuerySet":
        """Tickets of the person's customers, whatever the role, and the person's own without a customer."""
        own = Q(customer=None, opened_by=user.pk)
        return self.filter(own | Q(customer__in=_customers_of(user)))

    def visible_to(self, user) -> "TicketQuerySet":
        """What the person's role at each customer shows: all, or those written in and those of the role's subject."""
        wrote = Exists(apps.get_model("tickets.Message").objects.filter(ticket=OuterRef("pk"), author=user.pk))
        mine = Q(opened_by=user.pk) | Q(wrote)
        of_billing = Q(customer__in=_customers_of(user, [Role.BILLING]), department__handles_payments=True)
        of_technicians = Q(customer__in=_customers_of(user, [Role.TECHNICAL]), service__isnull=False)
        sees_invoices = Q(customer__in=_customers_of(user, roles_with(Ability.SEE_INVOICES)))
        about_no_secret = Q(invoice=None) | Q(opened_by=user.pk) | sees_invoices
        sees_all = Q(customer__in=_customers_of(user, roles_with(Ability.SEE_ALL_TICKETS)))
        return self.of_members(user).filter(
            sees_all | Q(customer=None) | ((mine | of_billing | of_technicians) & about_no_secret)
        )

    def for_staff(self, user) -> "TicketQuerySet":
        """The tickets of the departments that the person works in."""
        return self.filter(department__in=Department.objects.for_staff(user))

    def with_unread(self, user) -> "TicketQuerySet":
        """Each ticket's ``unread``: whether staff wrote since the person last looked."""
        seen = TicketRead.objects.filter(
            ticket=OuterRef("pk"), user=user.pk, seen_at__gte=OuterRef("last_staff_message_at")
        )
        return self.annotate(unread=Q(last_staff_message_at__isnull=False) & ~Exists(seen))

    def unmerged(self) -> "TicketQuerySet":
        """For lists: a ticket that became part of another is found there."""
        return self.filter(merged_into=None)

    def waiting(self) -> "TicketQuerySet":
        """Where a customer waits for our answer, the first promised first."""
        return self.filter(answer_due_at__isnull=False).order_by("answer_due_at", "pk")

    def breaching(self, now: datetime | None = None) -> "TicketQuerySet":
        return self.waiting().filter(answer_due_at__lt=now or timezone.now())


def _customers_of(user, roles=None):
    memberships = Membership.objects.filter(user=user.pk)
    if roles is not None:
        memberships = memberships.filter(role__in=roles)
    return memberships.values("customer")


class Ticket(models.Model):
    """A conversation with a customer, or with a person who has none yet (``customer`` is empty then).

    ``waiting_since`` is when the customer's first unanswered message came, ``answer_due_at`` what was promised for it; both
    are empty while it is not our turn.
    """

    class Status(models.TextChoices):
        OPEN = "open", _("Terbuka")
        ANSWERED = "answered", _("Dijawab")
        CUSTOMER_REPLY = "customer_reply", _("Balasan pelanggan")
        ON_HOLD = "on_hold", _("Ditahan")
        IN_PROGRESS = "in_progress", _("Dikerjakan")
        CLOSED = "closed", _("Selesai")

    class Rating(models.IntegerChoices):
        BAD = 0, _("Kurang membantu")
        GOOD = 1, _("Membantu")

    number = models.CharField(_("nomor"), max_length=10, unique=True, default=new_number, editable=False)
    # The form's key: the same form sent again makes no second ticket.
    submission_key = models.UUIDField(unique=True, null=True, editable=False)
    customer = models.ForeignKey(
        Customer, verbose_name=_("pelanggan"), on_delete=models.PROTECT, null=True, blank=True, related_name="tickets"
    )
    opened_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("dibuka oleh"),
        on_delete=models.SET_NULL,
        null=True,
        related_name="opened_tickets",
    )
    department = models.ForeignKey(
        Department, verbose_name=_("departemen"), on_delete=models.PROTECT, related_name="tickets"
    )
    assignee = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("penanggung jawab"),
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        limit_choices_to={"is_staff": True},
        related_name="assigned_tickets",
    )
    status = models.CharField(_("status"), max_length=14, choices=Status.choices, default=Status.OPEN)
    priority = models.PositiveSmallIntegerField(_("prioritas"), choices=Priority.choices, default=Priority.NORMAL)
    subject = models.CharField(_("judul"), max_length=150, validators=[validate_one_line])
    service = models.ForeignKey(
        Service, verbose_name=_("layanan"), on_delete=models.PROTECT, null=True, blank=True, related_name="tickets"
    )
    invoice = models.ForeignKey(
        Invoice, verbose_name=_("tagihan"), on_delete=models.PROTECT, null=True, blank=True, related_name="tickets"
    )
    language = models.CharField(_("bahasa"), max_length=2, choices=settings.LANGUAGES, default="id")
    created_at = models.DateTimeField(_("dibuat"), default=timezone.now, editable=False)
    last_message_at = models.DateTimeField(_("pesan terakhir"), default=timezone.now, editable=False)
    last_customer_message_at = models.DateTimeField(null=True, editable=False)
    last_staff_message_at = models.DateTimeField(null=True, editable=False)
    first_answered_at = models.DateTimeField(_("pertama dijawab"), null=True, editable=False)
    waiting_since = models.DateTimeField(_("menunggu sejak"), null=True, editable=False)
    answer_due_at = models.DateTimeField(_("jawaban dijanjikan"), null=True, editable=False)
    resolution_due_at = models.DateTimeField(_("selesai diperkirakan"), null=True, editable=False)
    closed_at = models.DateTimeField(_("ditutup"), null=True, editable=False)
    close_warned_at = models.DateTimeField(null=True, editable=False)
    merged_into = models.ForeignKey(
        "self", verbose_name=_("digabung ke"), on_delete=models.PROTECT, null=True, blank=True, related_name="merged"
    )
    continues = models.ForeignKey(
        "self",
        verbose_name=_("lanjutan dari"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="continued_by",
    )
    rating = models.PositiveSmallIntegerField(_("penilaian"), choices=Rating.choices, null=True, blank=True)
    rating_comment = models.TextField(_("komentar penilaian"), blank=True)
    rated_at = models.DateTimeField(_("dinilai"), null=True, editable=False)
    message_count = models.PositiveIntegerField(_("pesan"), default=0, editable=False)

    objects = TicketQuerySet.as_manager()

    class Meta:
        verbose_name = _("tiket")
        verbose_name_plural = _("tiket")
        ordering = ["-last_message_at", "-pk"]
        permissions = [
            ("answer_ticket", _("Boleh menjawab tiket")),
            ("see_all_departments", _("Boleh melihat tiket semua departemen")),
        ]
        indexes = [
            models.Index(fields=["customer", "-last_message_at"], name="tickets_of_customer"),
            models.Index(fields=["opened_by", "-last_message_at"], name="tickets_of_person"),
            models.Index(fields=["department", "status", "answer_due_at"], name="inbox_of_department"),
            models.Index(fields=["assignee", "status"], name="inbox_of_assignee"),
            models.Index(fields=["answer_due_at"], condition=Q(answer_due_at__isnull=False), name="inbox_waiting"),
            models.Index(fields=["-last_message_at"], condition=~Q(status="closed"), name="inbox_not_closed"),
            models.Index(
                fields=["-last_message_at"], condition=~Q(status="closed") & Q(assignee=None), name="inbox_unassigned"
            ),
            models.Index(fields=["last_staff_message_at"], condition=Q(status="answered"), name="tickets_to_close"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(status="closed", closed_at__isnull=False) | (~Q(status="closed") & Q(closed_at=None)),
                name="only_a_closed_ticket_has_its_time",
            ),
            models.CheckConstraint(
                condition=Q(waiting_since=None, answer_due_at=None)
                | (Q(waiting_since__isnull=False, answer_due_at__isnull=False) & ~Q(status="closed")),
                name="an_open_ticket_that_waits_has_its_promise",
            ),
            models.CheckConstraint(
                condition=Q(rating=None, rated_at=None) | Q(rating__isnull=False, rated_at__isnull=False),
                name="a_rating_has_its_time",
            ),
            models.CheckConstraint(
                condition=Q(merged_into=None) | Q(status="closed"), name="a_merged_ticket_is_closed"
            ),
            models.CheckConstraint(
                condition=~Q(customer=None) | Q(service=None, invoice=None),
                name="services_and_invoices_are_a_customers",
            ),
            models.CheckConstraint(condition=Q(priority__in=Priority.values), name="ticket_priority_is_known"),
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.subject}"

    def get_absolute_url(self) -> str:
        return reverse("tickets:ticket", args=[self.number])

    @property
    def is_closed(self) -> bool:
        return self.status == self.Status.CLOSED

    @property
    def can_be_reopened_until(self) -> datetime | None:
        """The end of the days in which a closed ticket goes on; later a reply begins a new one."""
        return self.closed_at and self.closed_at + timedelta(days=self.department.reopen_days)


class TicketEvent(Event):
    """States, and beside them: assigned, moved, prioritised, linked, merged, split, warned, rated (``kind``)."""

    ticket = models.ForeignKey(Ticket, on_delete=models.CASCADE, related_name="events")
    # Longer than elsewhere: "customer_reply".
    from_status = models.CharField(_("dari"), max_length=14, blank=True)
    to_status = models.CharField(_("menjadi"), max_length=14, blank=True)


class TicketRead(models.Model):
    """When a person of the customer last saw the ticket. (Staff goes by its status.)"""

    ticket = models.ForeignKey(Ticket, on_delete=models.CASCADE, related_name="reads")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    seen_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["ticket", "user"], name="one_reading_per_person_and_ticket")]

    def __str__(self) -> str:
        return f"{self.user}: {self.ticket}"


class TicketConfirmation(models.Model):
    """A payment confirmation that came by a ticket: the decision is written there (K6)."""

    ticket = models.ForeignKey(Ticket, on_delete=models.CASCADE, related_name="confirmations")
    confirmation = models.OneToOneField(PaymentConfirmation, on_delete=models.CASCADE, related_name="ticket_link")
    message = models.ForeignKey("tickets.Message", on_delete=models.SET_NULL, null=True, related_name="confirmations")

    class Meta:
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"{self.ticket}: {self.confirmation}"


class PresenceQuerySet(models.QuerySet["Presence"]):
    def now(self) -> "PresenceQuerySet":
        return self.filter(at__gte=timezone.now() - PRESENT_FOR)


class Presence(models.Model):
    """A member of staff has the ticket open, and may be writing; older rows mean nothing."""

    ticket = models.ForeignKey(Ticket, on_delete=models.CASCADE, related_name="presences")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    at = models.DateTimeField(default=timezone.now)
    writing = models.BooleanField(default=False)

    objects = PresenceQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["ticket", "user"], name="one_presence_per_person_and_ticket")]
        indexes = [models.Index(fields=["at"], name="presences_by_age")]

    def __str__(self) -> str:
        return f"{self.user}: {self.ticket}"
