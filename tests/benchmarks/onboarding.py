"""Many onboardings: 20,000 cases spread over the eight stages, each with its PIC, an appointment and news."""

from collections.abc import Iterable
from datetime import timedelta

from django.contrib.auth.models import Group
from django.utils import timezone

from accounts.models import Customer, Membership, User
from onboarding.models import Appointment, Case, Change, MemberRole, PicAssignment, Stage, Template
from onboarding.models.templates import StageText
from tests import factories
from tests.benchmarks.batches import in_batches

CASES, PICS = 20_000, 20
STAFF = "pic@bench.example"
_COPIED = [field.name for field in StageText._meta.fields]


def fill() -> None:
    team, _made = Group.objects.get_or_create(name="PIC")
    permissions = ("onboarding.view_case", "onboarding.work_on_case")
    pics = [
        factories.staff(*permissions, name=f"PIC {number}", email=f"pic{number}@bench.example")
        for number in range(PICS)
    ]
    factories.staff(*permissions, "onboarding.see_all_cases", email=STAFF).groups.add(team)
    template = factories.onboarding_template()
    role = factories.product_role(template.product, "owner")
    members = Membership.objects.order_by("customer_id").values_list("pk", "customer")[:CASES]
    pairs = list(members)
    in_batches(MemberRole(membership_id=pk, product=template.product, role=role) for pk, _customer in pairs)
    in_batches(_cases(template, team, pics, [customer for _pk, customer in pairs]))
    cases = list(Case.objects.order_by("pk").only("pk", "stage_key", "stage_since", "pic"))
    in_batches(_stages(template, cases))
    current = dict(Stage.objects.filter(status="current").values_list("case", "pk"))
    in_batches(PicAssignment(stage_id=current[case.pk], pic_id=case.pic_id) for case in cases)
    in_batches(_appointments(cases, current))
    in_batches(Change(case=case, kind=Change.Kind.STAGE, stage_id=current[case.pk]) for case in cases)


def _cases(template: Template, team: Group, pics: list[User], customers: list[int]) -> Iterable[Case]:
    stages = list(template.stages.all())
    now = timezone.now()
    for number, customer in enumerate(customers):
        since = now - timedelta(days=number % 15)
        yield Case(
            customer_id=customer,
            product=template.product,
            name_id=template.product.name_id,
            stage_key=stages[number % (len(stages) - 1)].key,
            stage_since=since,
            stage_due_on=(since + timedelta(days=10)).date(),
            pic=pics[number % PICS],
            team=team,
            turn=Case.Turn.US,
            turn_action="schedule",
            next_event_at=now + timedelta(days=1 + number % 10),
        )


def _stages(template: Template, cases: list[Case]) -> Iterable[Stage]:
    originals = [{name: getattr(stage, name) for name in _COPIED} for stage in template.stages.all()]
    places = {columns["key"]: place for place, columns in enumerate(originals)}
    for case in cases:
        here = places[case.stage_key]
        for place, columns in enumerate(originals):
            done = place < here
            yield Stage(
                case=case,
                status="done" if done else "current" if place == here else "upcoming",
                entered_at=case.stage_since if place <= here else None,
                done_at=case.stage_since if done else None,
                **columns,
            )


def _appointments(cases: list[Case], current: dict[int, int]) -> Iterable[Appointment]:
    now = timezone.now().replace(minute=0, second=0, microsecond=0)
    for number, case in enumerate(cases):
        starts_at = now + timedelta(days=1 + number % 10)
        yield Appointment(
            case=case,
            stage_id=current[case.pk],
            kind=Appointment.Kind.CALL,
            title="Panggilan",
            starts_at=starts_at,
            ends_at=starts_at + timedelta(hours=1),
            link="https://rapat.example/abc",
        )


def case_of(customer: Customer) -> Case:
    return Case.objects.get(customer=customer)
