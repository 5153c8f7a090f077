"""What the invariants say of onboarding; V7, its histories, is checked with all other states."""

from collections.abc import Iterator

from django.db import models
from django.db.models import Exists, F, OuterRef

from accounts.models import OutboxEmail
from billing import ledger
from billing.ledger import Breach
from billing.ledger.breach import breaches
from onboarding import notices
from onboarding.models import Case, Change, DigestEntry, PicAssignment, Stage

CHUNK = 300


def cases_are_somewhere() -> Iterator[Breach]:
    """V3: a running case has one current stage and a live one at most one (the database sees to that); its row says
    which, with its target and whoever looks after it.
    """
    current = Stage.objects.filter(case=OuterRef("pk"), status=Stage.Status.CURRENT)
    cases = Case.objects.annotate(has_current=Exists(current))
    lost = cases.filter(status=Case.Status.ACTIVE, has_current=False)
    yield from breaches("V3", "onboarding", lost, "runs without a current stage")
    pic = PicAssignment.objects.filter(stage=OuterRef("current_id"), ended_at=None).values("pic")[:1]
    placed = (
        cases.filter(has_current=True)
        .annotate(
            current_id=models.Subquery(current.values("pk")[:1]),
            current_key=models.Subquery(current.values("key")[:1]),
            current_due_on=models.Subquery(current.values("due_on")[:1]),
        )
        .annotate(current_pic=models.Subquery(pic))
    )
    elsewhere = placed.exclude(stage_key=F("current_key"))
    yield from breaches("V3", "onboarding", elsewhere, "says “{row.stage_key}” and stands at “{row.current_key}”")
    for column, right in {"stage_due_on": "current_due_on", "pic": "current_pic"}.items():
        wrong = placed.filter(_differ(column, right))
        yield from breaches("V3", "onboarding", wrong, f"has another {column} than its current stage")


def _differ(column: str, other: str) -> models.Q:
    """In two-valued logic: a comparison with nothing is neither true nor false."""
    one_only = models.Q(**{f"{column}__isnull": True, f"{other}__isnull": False}) | models.Q(
        **{f"{column}__isnull": False, f"{other}__isnull": True}
    )
    return one_only | (models.Q(**{f"{column}__isnull": False}) & ~models.Q(**{column: F(other)}))


def promised_emails_exist() -> Iterator[Breach]:
    """V5: everybody who was told of a change, at once or in a digest, has the email in the outbox; the key makes a second
    one impossible.
    """
    chunk: dict[str, None] = {}
    for keys in _promised():
        chunk |= dict.fromkeys(keys)
        if len(chunk) >= CHUNK:
            yield from _missing(chunk)
            chunk = {}
    yield from _missing(chunk)


def _promised() -> Iterator[list[str]]:
    for change in Change.objects.exclude(told=[]).order_by("pk").iterator():
        yield notices.keys_of(change)
    for key in (
        DigestEntry.objects.exclude(sent_with="").order_by().values_list("sent_with", flat=True).distinct().iterator()
    ):
        yield [key]


def _missing(chunk: dict[str, None]) -> Iterator[Breach]:
    found = set(OutboxEmail.objects.filter(key__in=chunk).values_list("key", flat=True))
    for key in chunk:
        if key not in found:
            yield Breach("V5", f"email {key}", "was promised and is not in the outbox")


ledger.also("V3", cases_are_somewhere)
ledger.also("V5", promised_emails_exist)
