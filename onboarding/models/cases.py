"""Cases: where a customer's onboarding stands, stage by stage, who looks after it, and whose turn it is."""

import secrets

from django.conf import settings
from django.contrib.auth.models import Group
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import Customer
from accounts.texts import Bilingual
from billing.models import Service
from billing.models.events import Event
from catalog.models import Product
from onboarding.models.roles import MemberRole
from onboarding.models.templates import StageText

# Without 0/O, 1/I/L: people read numbers aloud.
NUMBER_ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
NUMBER_LENGTH = 8

TIME_ZONES = [
    ("Asia/Jakarta", _("WIB (Jakarta)")),
    ("Asia/Makassar", _("WITA (Makassar)")),
    ("Asia/Jayapura", _("WIT (Jayapura)")),
]


def new_number() -> str:
    """``ON-7KQ2M9XA``: unguessable, for addresses and subjects."""
    return "ON-" + "".join(secrets.choice(NUMBER_ALPHABET) for _place in range(NUMBER_LENGTH))


class CaseQuerySet(models.QuerySet["Case"]):
    def of_members(self, user) -> "CaseQuerySet":
        """Cases of the person's customers, whatever the role: what is not here is not found (404)."""
        return self.filter(customer__memberships__user_id=user.pk)

    def visible_to(self, user) -> "CaseQuerySet":
        """Cases whose product's role of the person sees the tracker (ON3)."""
        return self.filter(_has_role(user, role__sees_tracker=True))

    def signable_by(self, user) -> "CaseQuerySet":
        return self.filter(_has_role(user, role__signs=True))

    def for_staff(self, user) -> "CaseQuerySet":
        """What a PIC works on: cases assigned to them, now or for a later stage, and those of their team."""
        if user.has_perm("onboarding.see_all_cases"):
            return self
        return self.filter(Q(pic=user.pk) | Q(team__in=user.groups.values("pk")) | assigned_to(user))


def assigned_to(user) -> Q:
    """Cases with a stage that the person looks after, now or later: asked for once, not for each case."""
    return Q(pk__in=PicAssignment.objects.filter(pic=user.pk, ended_at=None).values("stage__case"))


def _has_role(user, **role) -> Exists:
    return Exists(
        MemberRole.objects.filter(
            membership__user=user.pk,
            membership__customer=OuterRef("customer"),
            product=OuterRef("product"),
            **role,
        )
    )


class Case(models.Model):
    """One customer's onboarding of one product. The name is a copy of the product's.

    What the board and the lists go by is kept on the row by ``onboarding.progress.settle``: the current stage and since
    when and until when, its PIC and team, whose turn it is (``turn``, ``turn_action``, ``turn_due_on``) and the next
    appointment's start.
    """

    class Status(models.TextChoices):
        ACTIVE = "active", _("Berjalan")
        STOPPED = "stopped", _("Berhenti")
        LIVE = "live", _("Sudah live")

    class Turn(models.TextChoices):
        CUSTOMER = "customer", _("Giliran pelanggan")
        US = "us", _("Giliran kami")
        NOBODY = "nobody", _("Tidak ada yang ditunggu")

    number = models.CharField(_("nomor"), max_length=11, unique=True, default=new_number, editable=False)
    # The form's key: the same form sent again opens no second case.
    submission_key = models.UUIDField(unique=True, null=True, editable=False)
    customer = models.ForeignKey(
        Customer, verbose_name=_("pelanggan"), on_delete=models.PROTECT, related_name="onboarding_cases"
    )
    # Not SET_NULL as other links to the catalog: the product's roles say who may see the case.
    product = models.ForeignKey(
        Product, verbose_name=_("produk"), on_delete=models.PROTECT, related_name="onboarding_cases"
    )
    service = models.OneToOneField(
        Service,
        verbose_name=_("layanan"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="onboarding_case",
    )
    name_id = models.CharField(_("nama (Indonesia)"), max_length=200)
    name_en = models.CharField(_("nama (Inggris)"), max_length=200, blank=True)
    status = models.CharField(_("status"), max_length=8, choices=Status.choices, default=Status.ACTIVE)
    language = models.CharField(_("bahasa"), max_length=2, choices=settings.LANGUAGES, default="id")
    time_zone = models.CharField(_("zona waktu"), max_length=20, choices=TIME_ZONES, default="Asia/Jakarta")
    opened_at = models.DateTimeField(_("dibuka"), default=timezone.now, editable=False)
    opened_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("dibuka oleh"),
        on_delete=models.SET_NULL,
        null=True,
        editable=False,
        related_name="+",
    )
    stopped_at = models.DateTimeField(_("berhenti"), null=True, editable=False)
    live_at = models.DateTimeField(_("live sejak"), null=True, editable=False)

    stage_key = models.CharField(_("tahap"), max_length=40, editable=False)
    stage_since = models.DateTimeField(_("di tahap ini sejak"), default=timezone.now, editable=False)
    stage_due_on = models.DateField(_("target tahap"), null=True, editable=False)
    pic = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("PIC"),
        on_delete=models.SET_NULL,
        null=True,
        editable=False,
        related_name="onboarding_cases",
    )
    team = models.ForeignKey(
        Group, verbose_name=_("tim"), on_delete=models.SET_NULL, null=True, editable=False, related_name="+"
    )
    turn = models.CharField(_("giliran"), max_length=8, choices=Turn.choices, default=Turn.US, editable=False)
    turn_action = models.CharField(max_length=20, blank=True, editable=False)
    turn_due_on = models.DateField(_("tenggat"), null=True, editable=False)
    next_event_at = models.DateTimeField(_("jadwal berikutnya"), null=True, editable=False)

    name = Bilingual()

    objects = CaseQuerySet.as_manager()

    class Meta:
        verbose_name = _("onboarding")
        verbose_name_plural = _("onboarding")
        ordering = ["-opened_at", "-pk"]
        permissions = [
            ("work_on_case", _("Boleh mengerjakan onboarding")),
            ("move_back_case", _("Boleh mengembalikan tahap onboarding")),
            ("stop_case", _("Boleh menghentikan dan membuka lagi onboarding")),
            ("see_all_cases", _("Boleh melihat onboarding semua tim")),
        ]
        indexes = [
            models.Index(fields=["customer", "-opened_at"], name="cases_of_customer"),
            models.Index(fields=["status", "stage_key", "stage_since"], name="board_of_all"),
            models.Index(fields=["pic", "status", "stage_key", "stage_since"], name="board_of_pic"),
            models.Index(fields=["team", "status", "stage_key", "stage_since"], name="board_of_team"),
            models.Index(
                fields=["next_event_at"], condition=Q(next_event_at__isnull=False), name="cases_by_next_event"
            ),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(status="stopped", stopped_at__isnull=False) | (~Q(status="stopped") & Q(stopped_at=None)),
                name="only_a_stopped_case_has_its_time",
            ),
            models.CheckConstraint(
                condition=~Q(status="live") | Q(live_at__isnull=False), name="a_live_case_has_its_date"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.name}"

    def get_absolute_url(self) -> str:
        return reverse("onboarding:case", args=[self.number])


class CaseEvent(Event):
    """States, and beside them what staff did (``kind``). ``note`` holds reasons: never a customer's to read."""

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="events")


class Stage(StageText):
    """A case's copy of a template's stage."""

    class Status(models.TextChoices):
        UPCOMING = "upcoming", _("Belum mulai")
        CURRENT = "current", _("Berjalan")
        DONE = "done", _("Selesai")
        SKIPPED = "skipped", _("Dilewati")

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="stages")
    status = models.CharField(_("status"), max_length=8, choices=Status.choices, default=Status.UPCOMING)
    entered_at = models.DateTimeField(_("dimulai"), null=True, editable=False)
    done_at = models.DateTimeField(_("selesai"), null=True, editable=False)
    # What staff or the target days expect: planned for stages that have not begun, promised for the current one.
    due_on = models.DateField(_("target"), null=True, blank=True)

    class Meta:
        verbose_name = _("tahap")
        verbose_name_plural = _("tahap")
        ordering = ["sort", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["case", "key"], name="one_stage_per_case_and_key"),
            models.UniqueConstraint(fields=["case"], condition=Q(status="current"), name="one_current_stage_per_case"),
            models.CheckConstraint(
                condition=Q(status="done", done_at__isnull=False) | (~Q(status="done") & Q(done_at=None)),
                name="only_a_done_stage_has_its_date",
            ),
            models.CheckConstraint(
                condition=~Q(status="current") | Q(entered_at__isnull=False), name="a_current_stage_was_entered"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class StageEvent(Event):
    stage = models.ForeignKey(Stage, on_delete=models.CASCADE, related_name="events")


class PicAssignment(models.Model):
    """Who looks after a stage, from when to when: the history of ON4. The open one is the stage's PIC."""

    stage = models.ForeignKey(Stage, on_delete=models.CASCADE, related_name="assignments")
    pic = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("PIC"), on_delete=models.PROTECT, related_name="pic_assignments"
    )
    assigned_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("oleh"), on_delete=models.SET_NULL, null=True, related_name="+"
    )
    started_at = models.DateTimeField(_("sejak"), default=timezone.now)
    ended_at = models.DateTimeField(_("sampai"), null=True)

    class Meta:
        verbose_name = _("penugasan PIC")
        verbose_name_plural = _("penugasan PIC")
        ordering = ["started_at", "pk"]
        indexes = [models.Index(fields=["pic", "ended_at"], name="assignments_of_pic")]
        constraints = [models.UniqueConstraint(fields=["stage"], condition=Q(ended_at=None), name="one_pic_per_stage")]

    def __str__(self) -> str:
        return f"{self.pic}: {self.stage}"
