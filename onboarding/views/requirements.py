"""The requirement form as the customer fills it in (M7)."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from billing import uploads
from onboarding import requirements
from onboarding.forms.requirements import RequirementForm
from onboarding.models import Case, Requirement
from onboarding.refusals import OnboardingRefused, SomebodySaved
from onboarding.requirements import Question
from onboarding.views.lookups import of_case


@require_http_methods(["GET", "HEAD", "POST"])
@of_case
def requirement(request: HttpRequest, case: Case) -> HttpResponse:
    found = Requirement.objects.filter(case=case).select_related("document", "saved_by").first()
    if found is None or not found.fields:
        raise Http404
    found.case = case
    asked = requirements.questions(found)
    open_for_answers = found.status == Requirement.Status.DRAFT and case.status != Case.Status.STOPPED
    if request.method == "POST" and (open_for_answers or found.status == Requirement.Status.SUBMITTED):
        return _post(request, found, asked)
    form = RequirementForm(questions=asked, answers=found.answers, seen=found.saved_at) if open_for_answers else None
    return _page(request, found, asked, form)


def _page(
    request: HttpRequest,
    found: Requirement,
    asked: list[Question],
    form: RequirementForm | None,
    *,
    theirs: list[tuple[str, str]] = (),
    status: int = 200,
) -> HttpResponse:
    context = {
        "case": found.case,
        "requirement": found,
        "form": form,
        "answers": [(one.label, one.written(found.answers.get(one.key, ""))) for one in asked],
        "theirs": theirs,
    }
    return render(request, "onboarding/requirements.html", context, status=status)


def _post(request: HttpRequest, found: Requirement, asked: list[Question]) -> HttpResponse:
    submits = request.POST.get("action") == "submit"
    form = RequirementForm(request.POST, questions=asked, answers=found.answers, seen=found.saved_at, draft=not submits)
    theirs = []
    if form.is_valid():
        given = {
            "requirement": found,
            "answers": form.answers,
            "actor": request.user,
            "seen": form.cleaned_data["seen"],
        }
        try:
            return _keep(request, submits, given)
        except SomebodySaved as newer:
            theirs = _differences(newer.requirement, asked, form)
            form.see(newer.requirement.saved_at)
            form.add_error(None, str(newer))
        except (OnboardingRefused, uploads.CannotStore) as refusal:
            form.add_error(None, str(refusal))
    found.refresh_from_db()
    return _page(request, found, asked, form, theirs=theirs, status=422)


def _keep(request: HttpRequest, submits: bool, given: dict) -> HttpResponse:
    case = given["requirement"].case
    if not submits:
        requirements.save_draft(**given)
        messages.success(request, _("Draf disimpan. Anda atau rekan Anda dapat melanjutkannya kapan saja."))
        return redirect("onboarding:requirements", number=case.number)
    document = requirements.submit(**given)
    messages.success(request, _("Terima kasih. Periksa URD di bawah ini, lalu tanda tangani."))
    return redirect(document)


def _differences(found: Requirement, asked: list[Question], form: RequirementForm) -> list[tuple[str, str]]:
    """What the colleague answered otherwise: question and answer."""
    return [
        (str(one.label), str(one.written(found.answers.get(one.key, ""))) or "–")
        for one in asked
        if found.answers.get(one.key, "") != form.answers[one.key]
    ]
