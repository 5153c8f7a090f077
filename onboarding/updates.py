"""What staff writes: to the customer (``publish``), or for itself (``add_note``): two tables, two functions (ON6)."""

import uuid

from django.db import transaction

from accounts.models import User
from onboarding import access, changes, progress, transitions
from onboarding.models import Case, Change, InternalNote, PublicUpdate
from onboarding.texts import clean_body


@transaction.atomic
def publish(*, case: Case, actor: User, body: str, key: uuid.UUID | None) -> PublicUpdate:
    """Write to everybody who follows the case, in Markdown; the same form (``key``) again is the same update.

    Raises ``NotAllowed`` and ``ValidationError`` for the field ``body``.
    """
    update, made = _write(PublicUpdate, case, actor, body, key)
    if made:
        changes.record(case=case, kind=Change.Kind.UPDATE, actor=actor, update=update)
        progress.settle(case)
    return update


@transaction.atomic
def add_note(*, case: Case, actor: User, body: str, key: uuid.UUID | None) -> InternalNote:
    """Write what customers never read. Raises as ``publish`` does."""
    note, _made = _write(InternalNote, case, actor, body, key)
    return note


def _write(model: type, case: Case, actor: User, body: str, key: uuid.UUID | None) -> tuple:
    """The row, and whether it is new."""
    access.require_work(actor, case)
    text = clean_body(body)
    transitions.hold(case)
    found = key and model.objects.filter(submission_key=key).first()
    if found:
        return found, False
    return model.objects.create(case=case, author=actor, body=text, submission_key=key), True
