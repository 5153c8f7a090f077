"""The board: running cases by stage, those longest at theirs first, and beside them what is live or stopped."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from django import forms
from django.contrib.admin import ModelAdmin
from django.core.paginator import Paginator
from django.db.models import Count, F, Q, QuerySet, Window
from django.db.models.functions import RowNumber
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils import timezone
from django.utils.functional import Promise as LazyText
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from catalog.models import Product
from onboarding import access, agenda, health
from onboarding.admin.lookup import require_look
from onboarding.admin.wording import moment_of, turn_words
from onboarding.agenda import ALL, MINE, TEAM
from onboarding.models import Appointment, Case, Stage, StageKey, TemplateStage
from onboarding.models.templates import Completion

CARDS_IN_A_COLUMN = 10
PAGE_SIZE = 50
_LONGEST_FIRST = (F("stage_since").asc(), F("pk").asc())
_LIVE_ORDER = (F("next_event_at").asc(nulls_last=True), "-live_at", "-pk")


@dataclass(frozen=True)
class View:
    """``reviews`` is of what is live and has reviews to come."""

    label: LazyText
    status: str
    order: tuple
    calm: LazyText


VIEWS: Mapping[str, View] = {
    "board": View(_("Berjalan"), Case.Status.ACTIVE, _LONGEST_FIRST, _("Tidak ada onboarding yang berjalan di sini.")),
    "reviews": View(
        _("Live, ada jadwal"), Case.Status.LIVE, _LIVE_ORDER, _("Tidak ada review atau jadwal lain yang menunggu.")
    ),
    "live": View(_("Sudah live"), Case.Status.LIVE, _LIVE_ORDER, _("Belum ada yang live di sini.")),
    "stopped": View(
        _("Berhenti"), Case.Status.STOPPED, ("-stopped_at", "-pk"), _("Tidak ada onboarding yang berhenti di sini.")
    ),
}
WHOSE = {MINE: _("Milik saya"), TEAM: _("Tim saya"), ALL: _("Semua")}


class BoardForm(forms.Form):
    """What the address asks for; what it asks for in vain is left out."""

    view = forms.ChoiceField(choices=[(key, view.label) for key, view in VIEWS.items()], required=False)
    whose = forms.ChoiceField(choices=list(WHOSE.items()), required=False)
    product = forms.IntegerField(required=False)
    health = forms.ChoiceField(choices=health.Level.choices, required=False)
    stage = forms.SlugField(required=False)
    q = forms.CharField(max_length=100, required=False)
    p = forms.IntegerField(min_value=1, max_value=100_000, required=False)

    def asked(self, products: Sequence[Product]) -> "Asked":
        self.is_valid()
        given = self.cleaned_data
        return Asked(
            view=given.get("view") or "board",
            whose=given.get("whose") or ALL,
            product=next((one for one in products if one.pk == given.get("product")), None),
            health=given.get("health") or "",
            stage=given.get("stage") or "",
            words=given.get("q", ""),
            page=given.get("p") or 1,
        )


@dataclass(frozen=True)
class Asked:
    view: str
    whose: str
    product: Product | None
    health: str
    stage: str
    words: str
    page: int

    @property
    def query(self) -> dict[str, str]:
        return {
            "view": self.view if self.view != "board" else "",
            "whose": self.whose if self.whose != ALL else "",
            "product": str(self.product.pk) if self.product else "",
            "health": self.health,
            "stage": self.stage,
            "q": self.words,
        }

    def address(self, **changes: str) -> str:
        """The board's address with something asked differently; that begins on its first page."""
        query = {key: value for key, value in (self.query | changes).items() if value}
        return reverse("admin:onboarding_board", query=query)

    @property
    def is_narrowed(self) -> bool:
        return bool(self.words or self.product or self.health or self.whose != ALL)


@dataclass(frozen=True)
class Choice:
    label: str | LazyText
    address: str
    current: bool
    count: int | None = None
    tone: str = "info"


@dataclass(frozen=True)
class Card:
    """A case as the board shows it. ``stage`` is the current one and ``following`` the one after it, where there are."""

    case: Case
    finding: health.Finding
    today: date
    stage: Stage | None = None
    following: Stage | None = None
    appointment: Appointment | None = None

    @property
    def days(self) -> int:
        return (self.today - timezone.localdate(self.case.stage_since)).days

    @property
    def tone(self) -> str:
        return TONES.get(self.finding.level or "", "")

    @property
    def appointment_is_over(self) -> bool:
        return self.appointment is not None and self.appointment.ends_at < timezone.now()

    @property
    def turn(self) -> str:
        return turn_words(self.case)

    @property
    def appointment_at(self) -> str:
        return moment_of(self.appointment) if self.appointment else ""

    @property
    def moves_by_one_press(self) -> bool:
        """Whether staff alone says that the stage is over, or may pass over it."""
        stage, following = self.stage, self.following
        if stage is None or following is None or stage.key == StageKey.GO_LIVE:
            return False
        return stage.completion == Completion.BY_HAND or stage.optional


TONES = {health.Level.DELAYED: "danger", health.Level.AT_RISK: "warning", health.Level.ON_TRACK: "success"}


@dataclass(frozen=True)
class Column:
    key: str
    name: str
    count: int
    cards: Sequence[Card]
    more: str

    @property
    def left(self) -> int:
        return self.count - len(self.cards)


class BoardPages(ModelAdmin):
    """Adds the board to the admin of cases."""

    def get_urls(self) -> list:
        return [path("board/", self.admin_site.admin_view(self.board), name="onboarding_board"), *super().get_urls()]

    def board(self, request: HttpRequest) -> HttpResponse:
        require_look(request)
        ways = _ways()
        products = sorted({stage.template.product for stage in ways}, key=lambda product: product.name)
        asked = BoardForm(request.GET).asked(products)
        context = {
            **self.admin_site.each_context(request),
            "title": gettext("Onboarding"),
            "opts": self.model._meta,
            "asked": asked,
            "products": products,
            "may_work": request.user.has_perm(access.WORK),
            "may_open": request.user.has_perm(access.OPEN),
            **_listing(request.user, asked, ways),
        }
        return TemplateResponse(request, "admin/onboarding/board.html", context)


def _ways() -> list[TemplateStage]:
    """The stages of all templates with their products, in the order of the way."""
    stages = TemplateStage.objects.select_related("template__product")
    fields = ("key", "name_id", "name_en", "template__product__name_id", "template__product__name_en")
    return list(stages.only(*fields).order_by("sort", "template", "pk"))


def _listing(user: User, asked: Asked, ways: Sequence[TemplateStage]) -> dict:
    today = timezone.localdate()
    cases = narrowed(user, asked, today)
    counts = _counts(cases)
    listing = {
        "today": today,
        "view": VIEWS[asked.view],
        "tabs": _tabs(asked, counts),
        "whose": _whose(asked),
        "levels": _levels(asked),
        "columns": [],
        "page": None,
    }
    if asked.view == "board" and not asked.stage:
        return listing | {"columns": _columns(cases, asked, counts, today, ways)}
    return listing | _one_list(cases, asked, counts, today)


def narrowed(user: User, asked: Asked, today: date) -> QuerySet[Case]:
    """The person's cases that fit everything that was asked but for the view and the stage."""
    cases = agenda.of_whom(user, asked.whose)
    if asked.product:
        cases = cases.filter(product=asked.product)
    if asked.health:
        cases = health.filtered(cases, asked.health, today)
    if asked.words:
        cases = cases.filter(_found(asked.words))
    return cases


def _found(words: str) -> Q:
    """By number, customer and product."""
    return (
        Q(number__icontains=words)
        | Q(customer__name__icontains=words)
        | Q(name_id__icontains=words)
        | Q(name_en__icontains=words)
        | Q(pic__name__icontains=words)
    )


def _counts(cases: QuerySet[Case]) -> dict[str, dict[str, tuple[int, int]]]:
    """By status and stage: how many there are, and how many of them have something scheduled."""
    rows = cases.order_by().values_list("status", "stage_key").annotate(Count("pk"), Count("next_event_at"))
    counts: dict[str, dict[str, tuple[int, int]]] = {}
    for status, key, total, scheduled in rows:
        counts.setdefault(status, {})[key] = (total, scheduled)
    return counts


def _total(counts: dict, view: str) -> int:
    by_stage = counts.get(VIEWS[view].status, {}).values()
    return sum(scheduled if view == "reviews" else total for total, scheduled in by_stage)


def _tabs(asked: Asked, counts: dict) -> list[Choice]:
    return [
        Choice(view.label, asked.address(view=key, stage="", health=""), key == asked.view, _total(counts, key))
        for key, view in VIEWS.items()
    ]


def _whose(asked: Asked) -> list[Choice]:
    return [Choice(label, asked.address(whose=key), key == asked.whose) for key, label in WHOSE.items()]


def _levels(asked: Asked) -> list[Choice]:
    """Only what runs has a health."""
    if asked.view != "board":
        return []
    every = Choice(_("Semua kondisi"), asked.address(health=""), not asked.health)
    return [
        every,
        *(Choice(level.label, asked.address(health=level), level == asked.health) for level in health.Level),
    ]


def _columns(
    cases: QuerySet[Case], asked: Asked, counts: dict, today: date, ways: Sequence[TemplateStage]
) -> list[Column]:
    """One for each stage that a template has or a case is at; the first few cards of each."""
    running = cases.filter(status=Case.Status.ACTIVE)
    place = Window(RowNumber(), partition_by=F("stage_key"), order_by=_LONGEST_FIRST)
    shown = list(running.annotate(place=place).filter(place__lte=CARDS_IN_A_COLUMN).values_list("pk", flat=True))
    by_key: dict[str, list[Card]] = {}
    for card in cards_of(shown, _LONGEST_FIRST, today):
        by_key.setdefault(card.case.stage_key, []).append(card)
    here = {key: total for key, (total, _scheduled) in counts.get(Case.Status.ACTIVE, {}).items()}
    return [
        Column(key, name, here.get(key, 0), by_key.get(key, []), asked.address(stage=key))
        for key, name in _stage_names(here, [*ways, *_shown_stages(by_key)]).items()
    ]


def _shown_stages(by_key: Mapping[str, Sequence[Card]]) -> list[Stage]:
    return [card.stage for cards in by_key.values() for card in cards if card.stage]


def _stage_names(here: Iterable[str], stages: Iterable[TemplateStage | Stage]) -> dict[str, str]:
    """By key, in the order of the way: what the templates call it, or else a case that is there.

    Post-activation is no column: whoever enters it is live.
    """
    names: dict[str, str] = {}
    for stage in stages:
        names.setdefault(stage.key, stage.name)
    for key in here:
        names.setdefault(key, key)
    return {key: name for key, name in names.items() if key != StageKey.POST_ACTIVATION or key in here}


def _one_list(cases: QuerySet[Case], asked: Asked, counts: dict, today: date) -> dict:
    view = VIEWS[asked.view]
    cases = cases.filter(status=view.status)
    total = _total(counts, asked.view)
    if asked.view == "reviews":
        cases = cases.filter(next_event_at__isnull=False)
    if asked.view == "board":
        cases = cases.filter(stage_key=asked.stage)
        total = counts.get(view.status, {}).get(asked.stage, (0, 0))[0]
    paginator = Paginator(cases.order_by(*view.order).values_list("pk", flat=True), PAGE_SIZE)
    # Counted for the tabs already.
    paginator.count = total
    page = paginator.get_page(asked.page)
    cards = cards_of(list(page), view.order, today)
    named = next((card.stage.name for card in cards if card.stage and card.stage.key == asked.stage), asked.stage)
    return {
        "page": page,
        "cards": cards,
        "stage_name": named,
        "all_stages": asked.address(stage=""),
        "previous": asked.address(p=str(page.number - 1)) if page.has_previous() else "",
        "following": asked.address(p=str(page.number + 1)) if page.has_next() else "",
    }


def cards_of(shown: list[int], order: tuple, today: date) -> list[Card]:
    """Everything that their cards need, in three queries however many there are."""
    cases = Case.objects.filter(pk__in=shown).select_related("customer", "pic").order_by(*order)
    stages = Stage.objects.filter(case__in=shown, status__in=[Stage.Status.CURRENT, Stage.Status.UPCOMING])
    now, following = _now_and_following(stages.order_by("sort", "pk"))
    scheduled = Appointment.objects.filter(case__in=shown, status=Appointment.Status.SCHEDULED)
    first: dict[int, Appointment] = {}
    for appointment in scheduled.order_by("starts_at", "pk"):
        first.setdefault(appointment.case_id, appointment)
    return [
        Card(
            case=case,
            finding=health.of(case, today),
            today=today,
            stage=now.get(case.pk),
            following=following.get(case.pk),
            appointment=first.get(case.pk),
        )
        for case in cases
    ]


def _now_and_following(stages: Iterable[Stage]) -> tuple[dict[int, Stage], dict[int, Stage]]:
    """By case: the current stage, and the first that has not begun after it."""
    now: dict[int, Stage] = {}
    following: dict[int, Stage] = {}
    for stage in stages:
        if stage.status == Stage.Status.CURRENT:
            now[stage.case_id] = stage
        elif stage.case_id in now:
            following.setdefault(stage.case_id, stage)
    return now, following
