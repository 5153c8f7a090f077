"""A customer says what they thought of the training or the go-live."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from onboarding import ratings
from onboarding.forms.ratings import RatingForm
from onboarding.models import Case, Rating
from onboarding.refusals import OnboardingRefused
from onboarding.views.lookups import of_case

TITLES = {
    Rating.Subject.TRAINING: lambda: _("Bagaimana pelatihannya?"),
    Rating.Subject.GO_LIVE: lambda: _("Bagaimana proses sampai go live?"),
}


@require_http_methods(["GET", "HEAD", "POST"])
@of_case
def rate(request: HttpRequest, case: Case, subject: str) -> HttpResponse:
    if subject not in Rating.Subject.values:
        raise Http404
    form = RatingForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            ratings.rate(case=case, subject=subject, actor=request.user, **form.cleaned_data)
            messages.success(request, _("Terima kasih atas penilaian Anda."))
        except OnboardingRefused as refusal:
            messages.error(request, str(refusal))
        return redirect(case)
    given = case.ratings.select_related("user").filter(subject=subject).first()
    context = {
        "case": case,
        "title": TITLES[Rating.Subject(subject)](),
        "given": given,
        "form": form if subject in ratings.open_subjects(case) else None,
    }
    return render(request, "onboarding/rate.html", context, status=422 if form.errors else 200)
