"""What customers are told of their onboarding: every change that they can see is written down once, here."""

from accounts.models import User
from onboarding import notices
from onboarding.models import Appointment, Case, Change, Document, PublicUpdate, Stage


def record(
    *,
    case: Case,
    kind: str,
    actor: User | None,
    stage: Stage | None = None,
    appointment: Appointment | None = None,
    document: Document | None = None,
    update: PublicUpdate | None = None,
) -> Change:
    """Write a visible change down and promise its emails, in the caller's transaction; ``kind`` is a ``Change.Kind``.

    Of one transaction they are told in one email, so call it for each, after the rows that it is about were written.
    """
    change = Change.objects.create(
        case=case, kind=kind, actor=actor, stage=stage, appointment=appointment, document=document, update=update
    )
    notices.tell(change)
    return change
