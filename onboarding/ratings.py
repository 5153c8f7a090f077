"""What customers think of the training and of the go-live: 1 to 5, once for each."""

from collections.abc import Sequence

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from accounts.models import User
from onboarding.models import Case, Rating, Stage, StageKey
from onboarding.refusals import AlreadyRated, NotAllowed, TooEarlyToRate
from onboarding.texts import clean_body

Subject = Rating.Subject


def open_subjects(case: Case) -> list[str]:
    """What of the case can be rated now: what is over and was not rated yet."""
    over = _over(case)
    rated = set(case.ratings.values_list("subject", flat=True)) if over else set()
    return [subject for subject in over if subject not in rated]


def _over(case: Case) -> Sequence[str]:
    if case.status == Case.Status.STOPPED:
        return []
    trained = any(one.key == StageKey.TRAINING and one.status == Stage.Status.DONE for one in case.stages.all())
    live = case.status == Case.Status.LIVE
    return [subject for subject, over in ((Subject.TRAINING, trained), (Subject.GO_LIVE, live)) if over]


@transaction.atomic
def rate(*, case: Case, subject: str, stars: int, comment: str = "", actor: User) -> Rating:
    """Say it for the whole company, once: the database decides who of two was first.

    Raises ``NotAllowed``, ``TooEarlyToRate``, ``AlreadyRated``, and ``ValidationError`` for a comment that is too long.
    """
    if not Case.objects.visible_to(actor).filter(pk=case.pk).exists():
        raise NotAllowed(_("Peran Anda tidak dapat menilai onboarding ini."))
    if subject not in _over(case):
        raise TooEarlyToRate
    comment = clean_body(comment) if comment.strip() else ""
    try:
        with transaction.atomic():
            return Rating.objects.create(case=case, subject=subject, stars=stars, comment=comment, user=actor)
    except IntegrityError as error:
        if case.ratings.filter(subject=subject).exists():
            raise AlreadyRated from error
        raise
