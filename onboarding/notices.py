"""Who is told of what by email: one row in the outbox for each person, written with the change (V5).

The customer's people whose role in the product sees the tracker, and nobody else; never what staff notes for itself:
``InternalNote`` is not even imported here.
"""

from collections.abc import Sequence
from datetime import date

from django.db.models import F, Q, QuerySet

from accounts import outbox
from accounts.models import Customer, OutboxEmail, User
from onboarding.models import Appointment, Case, Change, DigestChoice, DigestEntry


def people(case: Case) -> QuerySet[User]:
    """Everybody who follows the case, the roles of the moment."""
    return User.objects.filter(
        is_active=True,
        memberships__customer=case.customer_id,
        memberships__product_roles__product=case.product_id,
        memberships__product_roles__role__sees_tracker=True,
    ).order_by("pk")


def tell(change: Change) -> None:
    """Promise the emails of a change: at once, or with the day's digest to those who chose it.

    An email that has not left yet takes the later change along, so that what staff does in one step is one email.
    """
    everybody = list(people(change.case))
    daily = set(DigestChoice.objects.filter(user__in=everybody).values_list("user", flat=True))
    DigestEntry.objects.bulk_create([DigestEntry(user=one, change=change) for one in everybody if one.pk in daily])
    at_once = [one for one in everybody if one.pk not in daily]
    if not at_once:
        return
    change.told = [one.pk for one in at_once]
    change.told_with = _not_yet_sent(change)
    if change.told_with is None:
        for person in at_once:
            _enqueue(key_of(change.pk, person.pk), "onboarding/changed", change.case, person, change_id=change.pk)
    change.save(update_fields=["told", "told_with"])


def _not_yet_sent(change: Change) -> Change | None:
    """The case's last emailed change, if it goes to the same people and none of its emails was picked up by a worker.

    The update keeps the emails where they are until the transaction ends: a worker that wants one finds the change in it.
    """
    last = Change.objects.filter(case=change.case_id, told_with=None).exclude(told=[]).order_by("-pk").first()
    if last is None or set(last.told) != set(change.told):
        return None
    waiting = OutboxEmail.objects.filter(key__in=keys_of(last), status=OutboxEmail.Status.QUEUED, attempts=0)
    return last if waiting.update(due_at=F("due_at")) == len(last.told) else None


def key_of(change_id: int, user_id: int) -> str:
    return f"change:{change_id}:user:{user_id}"


def keys_of(change: Change) -> list[str]:
    """The outbox keys of the emails that tell of the change."""
    return [key_of(change.told_with_id or change.pk, person) for person in change.told]


def told_in_one(change_id: int) -> QuerySet[Change]:
    """The change and those that are told in its email, in the order in which they came."""
    return Change.objects.filter(Q(pk=change_id) | Q(told_with=change_id)).order_by("pk")


def remind(appointment: Appointment) -> None:
    """Of tomorrow's appointment; moved to another time, it is reminded of again."""
    case = appointment.case
    for person in people(case):
        key = f"reminder:{appointment.pk}:{appointment.sequence}:user:{person.pk}"
        _enqueue(key, "onboarding/reminder", case, person, appointment_id=appointment.pk)


def digest_key(person: User, entries: Sequence[DigestEntry]) -> str:
    """Another for each set of entries: an entry is in one digest only."""
    return f"onboarding_digest:{person.pk}:{entries[0].pk}"


def digest(person: User, customer: Customer, *, key: str, day: date) -> None:
    """One email for the entries that carry its ``key``."""
    outbox.enqueue(
        key=key,
        to=person.email,
        template="onboarding/digest",
        arguments={"user_id": person.pk, "digest": key, "day": day.isoformat()},
        language=person.language,
        user=person,
        customer=customer,
    )


def _enqueue(key: str, template: str, case: Case, person: User, **arguments: int) -> None:
    outbox.enqueue(
        key=key,
        to=person.email,
        template=template,
        arguments={"case_id": case.pk, "user_id": person.pk, **arguments},
        language=person.language,
        user=person,
        customer=case.customer,
    )
