"""A case's page: where it stands, one form for everything that is done with it, and what belongs to it."""

from dataclasses import dataclass
from datetime import datetime

from django.contrib import messages
from django.contrib.admin import ModelAdmin
from django.core.exceptions import ValidationError
from django.db.models import CharField, OuterRef, Prefetch, QuerySet, Subquery, Value, prefetch_related_objects
from django.db.models.functions import Coalesce, NullIf
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import path
from django.utils import timezone
from django.utils.translation import gettext

from accounts.models import Membership, User
from accounts.roles import Role
from billing import uploads
from billing.models import Invoice
from onboarding import access, casework, health, history, progress, quoting
from onboarding.admin.forms import MoveForm, WorkForm
from onboarding.admin.lookup import find, page_of, way_back
from onboarding.admin.wording import moment_of, name_of, turn_words
from onboarding.models import Case, Document, DocumentVersion, MemberRole, PicAssignment, Rating, Stage
from onboarding.refusals import OnboardingRefused, SomebodyWasFaster
from onboarding.transitions import InvalidTransition

REFUSALS = (OnboardingRefused, InvalidTransition, uploads.CannotStore)
# Where a service finds fault with a field of its own, the page's field that it came from.
_FIELDS = {
    "starts_at": "starts",
    "ends_at": "ends",
    "body": "update",
    "title": "title",
    "link": "link",
    "place": "place",
}


@dataclass(frozen=True)
class Entry:
    """What somebody wrote: ``kind`` is update, for the customer, note, or what the customer rated, with ``stars``."""

    kind: str
    pk: int
    author: str
    at: datetime
    body: str
    stars: int

    @property
    def about(self) -> str:
        return str(Rating.Subject(self.kind).label)


class WorkPages(ModelAdmin):
    """Adds them to the admin of cases."""

    def get_urls(self) -> list:
        view = self.admin_site.admin_view
        return [
            path("<int:case_id>/work/", view(self.work), name="onboarding_work"),
            path("<int:case_id>/move/", view(self.move), name="onboarding_move"),
            path("<int:case_id>/story/", view(self.story), name="onboarding_story"),
            *super().get_urls(),
        ]

    def work(self, request: HttpRequest, case_id: int) -> HttpResponse:
        posted = request.method == "POST"
        case = find(request, case_id, to_work=posted)
        if not posted:
            return self.page(request, case)
        form = self._form(request, case, request.POST, request.FILES)
        if not form.is_valid():
            return self.page(request, case, form=form, status=422)
        given = form.cleaned_data
        try:
            casework.carry_out(case=case, work=given["work"], actor=request.user, seen=given["seen"], key=given["key"])
        except SomebodyWasFaster as faster:
            return self._faster(request, case, faster)
        except ValidationError as error:
            _spread(form, error)
        except REFUSALS as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, gettext("Tersimpan."))
            return self._onwards(request, case)
        return self.page(request, find(request, case_id), form=form, status=422)

    def _form(self, request: HttpRequest, case: Case, *posted) -> WorkForm:
        return WorkForm(
            *posted,
            case=case,
            stages=list(case.stages.all()),
            may_move_back=request.user.has_perm(access.MOVE_BACK),
            name_of=name_of,
        )

    def _faster(self, request: HttpRequest, case: Case, faster: SomebodyWasFaster) -> HttpResponse:
        """Where the case is now above the kept texts; sent again from there, that is what was seen."""
        posted = request.POST.copy()
        posted[f"{WorkForm.prefix}-seen"] = str(faster.stage.pk) if faster.stage else ""
        case = find(request, case.pk)
        form = self._form(request, case, posted)
        lost = bool(request.FILES)
        return self.page(request, case, form=form, faster=faster, lost_files=lost, status=422)

    def _onwards(self, request: HttpRequest, case: Case) -> HttpResponse:
        """Back to the case, to the next one that needs somebody, or to the board where it is another team's now."""
        mine = Case.objects.for_staff(request.user)
        if request.POST.get("go") == "next":
            following = next_for(request.user, case)
            return redirect(page_of(following) if following else "admin:onboarding_today")
        if mine.filter(pk=case.pk).exists():
            return redirect(page_of(case))
        words = gettext("Onboarding %(number)s sekarang milik tim lain.") % {"number": case.number}
        messages.info(request, words)
        return redirect("admin:onboarding_board")

    def page(self, request: HttpRequest, case: Case, *, status: int = 200, form: WorkForm | None = None, **parts):
        """The case's page, with the form that came back."""
        may_work = request.user.has_perm(access.WORK)
        # Read once for the form and for the page around it.
        prefetch_related_objects([case], Prefetch("stages", _stages()), "appointments")
        form = form or (self._form(request, case) if may_work else None)
        context = {
            **self.admin_site.each_context(request),
            "title": f"{case.customer.name}: {case.name}",
            "opts": self.model._meta,
            "case": case,
            "form": form,
            "may_work": may_work,
            "may_quote": may_quote(request.user, case),
            "may_stop": may_work and request.user.has_perm(access.STOP),
            **_context(case),
            **parts,
        }
        return TemplateResponse(request, "admin/onboarding/work.html", context, status=status)

    def move(self, request: HttpRequest, case_id: int) -> HttpResponse:
        """To another stage: one press on the board, or a page that asks where to and why."""
        case = find(request, case_id, to_work=True)
        back = way_back(request, page_of(case))
        stages = list(case.stages.all())
        current = next((stage for stage in stages if stage.status == Stage.Status.CURRENT), None)
        form = MoveForm(
            request.POST if request.method == "POST" else None,
            initial={"seen": current.pk if current else None},
            stages=stages,
            may_move_back=request.user.has_perm(access.MOVE_BACK),
            name_of=name_of,
        )
        if form.is_valid() and _moved(request, case, form):
            return redirect(back)
        context = {"case": case, "form": form, "back": back, "stage": current}
        return self.ask(request, "admin/onboarding/move.html", gettext("Pindahkan tahap"), context)

    def story(self, request: HttpRequest, case_id: int) -> HttpResponse:
        """Whose case it is and everything that happened: opened on the case's page, or a page of its own."""
        case = find(request, case_id)
        context = {"case": case, "members": _members(case), "history": history.of_case(case)}
        if request.htmx:
            return TemplateResponse(request, "admin/onboarding/_story.html", context)
        return self.ask(request, "admin/onboarding/story.html", gettext("Anggota dan riwayat"), context)

    def ask(self, request: HttpRequest, template: str, title: str, context: dict) -> HttpResponse:
        """A page of its own about a case; a form that comes back is refused (422)."""
        frame = {**self.admin_site.each_context(request), "title": title, "here": title, "opts": self.model._meta}
        wrong = request.method == "POST"
        return TemplateResponse(request, template, {**frame, **context}, status=422 if wrong else 200)


def _moved(request: HttpRequest, case: Case, form: MoveForm) -> bool:
    """Whether it was; else the form says why not."""
    given = form.cleaned_data
    try:
        progress.move(case=case, to=given["to"], actor=request.user, seen=given["seen"], reason=given["reason"])
    except SomebodyWasFaster as faster:
        form.data = form.data.copy()
        form.data["seen"] = str(faster.stage.pk) if faster.stage else ""
        form.add_error(None, str(faster))
    except REFUSALS as refusal:
        form.add_error(None, str(refusal))
    else:
        words = {"customer": case.customer.name, "stage": name_of(given["to"])}
        messages.success(request, gettext("%(customer)s sekarang di tahap “%(stage)s”.") % words)
        return True
    return False


def may_quote(user: User, case: Case) -> bool:
    """Whether the person may make the case's quotation, or a newer version of it."""
    quotation = getattr(case, "quotation", None)
    is_open = case.status == Case.Status.ACTIVE and not (quotation and quotation.order_id) and case.service_id is None
    return is_open and user.has_perm(quoting.MAY_QUOTE)


def next_for(user: User, case: Case) -> Case | None:
    """The person's next case on which it is our turn, the one that is due first."""
    ours = Case.objects.filter(pic=user, status=Case.Status.ACTIVE, turn=Case.Turn.US).exclude(pk=case.pk)
    return ours.order_by("turn_due_on", "stage_since", "pk").first()


def _spread(form: WorkForm, error: ValidationError) -> None:
    if not hasattr(error, "error_dict"):
        form.add_error(None, error)
        return
    for name, problems in error.error_dict.items():
        field = _FIELDS.get(name)
        form.add_error(field if field in form.fields else None, problems)


def _context(case: Case) -> dict:
    """``case`` has its stages and appointments with it."""
    today = timezone.localdate()
    finding = health.of(case, today)
    said = _said(case)
    return {
        "today": today,
        "finding": finding,
        "tone": _tone(finding),
        "turn": turn_words(case),
        "days": (today - timezone.localdate(case.stage_since)).days,
        "stages": case.stages.all(),
        "appointments": [(one, moment_of(one)) for one in case.appointments.all()],
        "documents": _documents(case),
        "entries": [one for one in said if not one.stars],
        "ratings": [one for one in said if one.stars],
        "invoice": _invoice(case),
    }


def _tone(finding: health.Finding) -> str:
    return {
        health.Level.DELAYED: "danger",
        health.Level.AT_RISK: "warning",
        health.Level.ON_TRACK: "success",
    }.get(finding.level, "")


def _stages() -> QuerySet[Stage]:
    """With the name of the last person who looked after each."""
    last = PicAssignment.objects.filter(stage=OuterRef("pk")).order_by("-pk")
    return Stage.objects.select_related("pic_group").annotate(last_pic=Subquery(last.values(name=_name("pic"))[:1]))


def _documents(case: Case) -> QuerySet[Document]:
    """With number and size of their newest version."""
    newest = DocumentVersion.objects.filter(document=OuterRef("pk")).order_by("-number")
    return case.documents.select_related("quotation", "appointment").annotate(
        newest_number=Subquery(newest.values("number")[:1]), newest_size=Subquery(newest.values("size")[:1])
    )


def _invoice(case: Case) -> Invoice | None:
    """That of its service's order, once it has its number, as its badge shows it."""
    invoice = getattr(case.service.order, "invoice", None) if case.service else None
    if invoice is None or invoice.number is None:
        return None
    invoice.awaiting_verification = case.awaits_verification
    return invoice


def _said(case: Case) -> list[Entry]:
    """What staff wrote and how the customer rated it, the newest first, in one query."""
    updates = case.updates.values_list(Value("update"), "pk", _name("author"), "created_at", "body", Value(0))
    notes = case.notes.values_list(Value("note"), "pk", _name("author"), "created_at", "body", Value(0))
    ratings = case.ratings.values_list("subject", "pk", _name("user"), "at", "comment", "stars")
    together = updates.order_by().union(notes.order_by(), ratings.order_by()).order_by("-created_at", "-pk")
    gone = gettext("orang yang akunnya dihapus")
    return [Entry(kind, pk, who or gone, at, body, stars) for kind, pk, who, at, body, stars in together]


def _name(person: str) -> Coalesce:
    """What ``str`` says of a person, in the database."""
    return Coalesce(NullIf(f"{person}__name", Value("")), f"{person}__email", output_field=CharField())


def _members(case: Case) -> list[tuple[Membership, str, str]]:
    """The customer's people, with their role in the company and in the product."""
    members = Membership.objects.filter(customer=case.customer_id).select_related("user").order_by("pk")
    given = MemberRole.objects.filter(product=case.product_id, membership__customer=case.customer_id)
    roles = {row.membership_id: row.role.name for row in given.select_related("role")}
    return [(one, str(Role(one.role).label), roles.get(one.pk, "")) for one in members]
