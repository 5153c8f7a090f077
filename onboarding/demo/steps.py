"""What may happen in a demo case: each step is one call of the service that does it in earnest.

A step is given how far its case is moved into the past afterwards, so that an appointment ends up on its day.
"""

import uuid
from collections.abc import Callable, Mapping
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from accounts.models import User
from billing import uploads
from billing.models import PaymentMethod
from catalog.selection import Selection
from onboarding import (
    appointments,
    documents,
    pics,
    progress,
    quoting,
    ratings,
    requirements,
    signing,
    stopping,
    updates,
)  # fmt: skip
from onboarding.models import Appointment, Case, Document, Stage

Step = Callable[[Case, timedelta], None]

Kind = Appointment.Kind
IP_ADDRESS = "203.0.113.7"
SALES, PIC, SPECIALIST, ADMIN = "penjualan", "pic", "spesialis", "admin"


def staff(name: str) -> User:
    return User.objects.get(email=f"{name}@nusa.example")


def person(address: str) -> User:
    return User.objects.get(email=address)


def working_day(days: int) -> date:
    """So many days from today; on a weekend the next working day, or for the past the one before."""
    day = timezone.localdate() + timedelta(days=days)
    while day.weekday() > 4:
        day += timedelta(days=1 if days > 0 else -1)
    return day


def agreed_day(days: int, ahead: timedelta) -> date:
    """The day of an appointment before its case is moved ``ahead`` into the past: never today, whose hours may be over."""
    return max(working_day(days) + ahead, timezone.localdate() + timedelta(days=1))


def assign(name: str, key: str = "", by: str = ADMIN) -> Step:
    def step(case: Case, _ahead: timedelta) -> None:
        pics.assign(stage=case.stages.get(key=key or case.stage_key), pic=staff(name), actor=staff(by))

    return step


def meet(
    by: str, key: str, title: str, days: int, hour: int, *, kind: str = Kind.MEETING, hours: int = 1, place: str = ""
) -> Step:
    """Agree on a day, so many days from today and at that hour of the case's own time zone."""

    def step(case: Case, ahead: timedelta) -> None:
        zone = ZoneInfo(case.time_zone)
        starts_at = datetime.combine(agreed_day(days, ahead), time(hour), zone)
        appointments.schedule(
            case=case,
            stage=case.stages.get(key=key),
            kind=kind,
            title=title,
            starts_at=starts_at,
            ends_at=starts_at + timedelta(hours=hours),
            time_zone=case.time_zone,
            place=place,
            link="" if place else f"https://rapat.nusa.example/{case.number.lower()}",
            actor=staff(by),
            key=uuid.uuid4(),
        )

    return step


def held(by: str, title: str, outcome: str = "") -> Step:
    def step(case: Case, _ahead: timedelta) -> None:
        one = case.appointments.get(title=title)
        appointments.finish(appointment=one, actor=staff(by), seen=one.sequence, outcome=outcome)

    return step


def quote(by: str, selection: Selection, valid_for: int) -> Step:
    def step(case: Case, _ahead: timedelta) -> None:
        proposal = quoting.Proposal(
            items=[(case.product_id, selection)],
            payment_method=PaymentMethod.objects.get(gateway="bank_transfer"),
            valid_until=timezone.localdate() + timedelta(days=valid_for),
        )
        quoting.make(case=case, proposal=proposal, actor=staff(by), key=uuid.uuid4())

    return step


def sign(address: str, kind: str) -> Step:
    """By typing the name."""

    def step(case: Case, _ahead: timedelta) -> None:
        signer = person(address)
        signing.sign_by_name(
            document=case.documents.get(kind=kind), version=1, signer=signer, name=signer.name, ip_address=IP_ADDRESS
        )

    return step


def fill_in(address: str, answers: Mapping[str, str], *, submit: bool = False) -> Step:
    def step(case: Case, _ahead: timedelta) -> None:
        act = requirements.submit if submit else requirements.save_draft
        requirement = case.requirement
        act(requirement=requirement, answers=answers, actor=person(address), seen=requirement.saved_at)

    return step


def share(by: str, title: str, name: str, text: str, *, session: str) -> Step:
    """Material of a training session."""

    def step(case: Case, _ahead: timedelta) -> None:
        uploaded = SimpleUploadedFile(name, text.encode(), "text/plain")
        documents.share(
            case=case,
            kind=Document.Kind.MATERIAL,
            title=title,
            file=uploads.accept(uploaded, kinds=documents.KINDS),
            actor=staff(by),
            appointment=case.appointments.get(title=session),
        )

    return step


def write(by: str, body: str) -> Step:
    return lambda case, _ahead: _ignore(updates.publish(case=case, actor=staff(by), body=body, key=uuid.uuid4()))


def note(by: str, body: str) -> Step:
    return lambda case, _ahead: _ignore(updates.add_note(case=case, actor=staff(by), body=body, key=uuid.uuid4()))


def skip(by: str, reason: str) -> Step:
    return lambda case, _ahead: progress.skip(case=case, actor=staff(by), seen=_seen(case), reason=reason)


def go_live(by: str) -> Step:
    return lambda case, _ahead: progress.finish(case=case, actor=staff(by), seen=_seen(case))


def stop(by: str, reason: str) -> Step:
    return lambda case, _ahead: stopping.stop(case=case, actor=staff(by), reason=reason)


def rate(address: str, subject: str, stars: int, comment: str = "") -> Step:
    def step(case: Case, _ahead: timedelta) -> None:
        ratings.rate(case=case, subject=subject, stars=stars, comment=comment, actor=person(address))

    return step


def _seen(case: Case) -> int:
    return case.stages.get(status=Stage.Status.CURRENT).pk


def _ignore(_made: object) -> None:
    """A step returns nothing."""
