"""What customers are told of their onboarding: every change that they can see is written down once, here."""

from accounts.models import User
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
    """Write a visible change down, in the caller's transaction; ``kind`` is one of ``Change.Kind``."""
    return Change.objects.create(
        case=case, kind=kind, actor=actor, stage=stage, appointment=appointment, document=document, update=update
    )
