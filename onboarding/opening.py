"""Cases are opened: by an order of a product that has a template, or by hand for a lead without an order."""

import uuid

from django.db import IntegrityError, transaction
from django.forms.models import model_to_dict
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts import provinces
from accounts.models import Customer, User
from billing.models import Order, Service
from catalog.models import Product
from onboarding import access, changes, facts, member_roles, pics, planning, settling, transitions, turns
from onboarding.models import (
    Case,
    CaseEvent,
    Change,
    Quotation,
    Requirement,
    RequirementField,
    Stage,
    StageKey,
    Template,
    TemplateStage,
)
from onboarding.models.templates import Completion, StageText
from onboarding.refusals import NoTemplate

_COPIED = [field.name for field in StageText._meta.local_fields]
_QUESTION = ["key", "kind", "label_id", "label_en", "help_id", "help_en", "choices", "required"]


@transaction.atomic
def open_for_order(*, order: Order, actor: User | None) -> list[Case]:
    """Open a case for each ordered product with an active template, in the order's transaction; the same again opens none.

    An order that a quotation became goes on with the case of the quotation (its ``checkout_key`` says so). Of others the
    quotation's stage is skipped, where it may be: there is nothing left to offer.
    """
    services = list(
        order.services.filter(
            kind=Service.Kind.PRODUCT, onboarding_case=None, product__onboarding_template__active=True
        )
        .select_related("product")
        .order_by("pk")
    )
    quoted = _take_up_quoted(order)
    return [
        _open(
            order.customer,
            service.product,
            actor,
            Template.objects.get(product=service.product),
            service=service,
            name_id=service.name_id,
            name_en=service.name_en,
            language=order.language,
        )
        for service in services
        if service.pk not in quoted
    ]


@transaction.atomic
def open_by_hand(
    *, customer: Customer, product: Product, actor: User, key: uuid.UUID, language: str = "", time_zone: str = ""
) -> Case:
    """Open a case for a customer who has not ordered yet; the same form (``key``) sent again returns the first's case.

    Whoever opens it looks after its first stage, where they may. The language is the customer's and the time zone that of
    the customer's province unless given. Raises ``NotAllowed`` and ``NoTemplate``.
    """
    access.require_open(actor)
    template = Template.objects.filter(product=product).first()
    if template is None:
        raise NoTemplate(product)
    try:
        with transaction.atomic():
            return _open(
                customer,
                product,
                actor,
                template,
                submission_key=key,
                name_id=product.name_id,
                name_en=product.name_en,
                language=language or customer.language,
                time_zone=time_zone or provinces.time_zone_of(customer.province),
            )
    except IntegrityError:
        found = Case.objects.filter(submission_key=key, customer=customer, product=product).first()
        if found is None:
            raise
        return found


def _open(customer: Customer, product: Product, actor: User | None, template: Template, **fields) -> Case:
    """The case with its copies of the template, at its first stage, settled and told."""
    copied = list(template.stages.all())
    if not copied:
        raise NoTemplate(product)
    fields.setdefault("time_zone", provinces.time_zone_of(customer.province))
    # The row first: the same form again waits here for the first to end.
    case = Case.objects.create(customer=customer, product=product, opened_by=actor, stage_key=copied[0].key, **fields)
    transitions.began(case, actor=actor)
    member_roles.give_first(customer, product, actor)
    _copy_stages(case, copied, actor)
    _copy_questions(case, template, actor)
    _note_what_happened_before(case, actor)
    planning.plan(case)
    _begin(case, actor)
    settling.settle(case)
    changes.record(case=case, kind=Change.Kind.OPENED, actor=actor)
    return case


def _copy_stages(case: Case, copied: list[TemplateStage], actor: User | None) -> None:
    for number, one in enumerate(copied):
        values = {name: getattr(one, name) for name in _COPIED}
        stage = Stage.objects.create(case=case, **{**values, "sort": number})
        transitions.began(stage, actor=actor)


def _copy_questions(case: Case, template: Template, actor: User | None) -> None:
    """The requirement form: its questions' columns as they are in the template now (``RequirementField``)."""
    asked = [model_to_dict(one, _QUESTION) for one in RequirementField.objects.filter(template=template)]
    if asked:
        transitions.began(Requirement.objects.create(case=case, fields=asked), actor=actor)


def _note_what_happened_before(case: Case, actor: User | None) -> None:
    """An order in the shop needs no quotation; its invoice may be paid, or its service active, before the case opens."""
    if case.service is None:
        return
    quotation = case.stages.filter(key=StageKey.QUOTATION, completion=Completion.DOCUMENT_SIGNED, optional=True).first()
    if quotation is not None:
        transitions.move(quotation, Stage.Status.SKIPPED, actor=actor, note=_("Dipesan di toko."))
    _note_facts(case, actor)


def _note_facts(case: Case, actor: User | None) -> None:
    invoice = turns.order_invoice(case)
    happened = {
        Completion.INVOICE_PAID: invoice and invoice.paid_at,
        Completion.SERVICE_ACTIVE: facts.is_active(case.service) and case.service.activated_at,
    }
    for completion, at in happened.items():
        waiting = case.stages.filter(completion=completion, status=Stage.Status.UPCOMING)
        for stage in waiting if at else ():
            transitions.move(stage, Stage.Status.DONE, actor=actor, done_at=at)


def _begin(case: Case, actor: User | None) -> None:
    """Its first stage begins; "onboarding began" is all that customers are told."""
    stage = case.stages.filter(status=Stage.Status.UPCOMING).first()
    if stage is None:
        raise NoTemplate(case.product)
    transitions.move(
        stage,
        Stage.Status.CURRENT,
        actor=actor,
        entered_at=case.opened_at,
        due_on=planning.due_when_entered(stage, timezone.localdate(case.opened_at)),
    )
    if actor is not None and case.submission_key and pics.is_candidate(actor, stage):
        pics.replace(stage, actor, actor)


def _take_up_quoted(order: Order) -> set[int]:
    """The ids of services that belong to a case which was opened before, with the quotation that became this order."""
    quotation = Quotation.objects.filter(checkout_key=order.checkout_key).select_related("case").first()
    if quotation is None:
        return set()
    case = quotation.case
    transitions.hold(case)
    service = (
        order.services.filter(kind=Service.Kind.PRODUCT, product=case.product, onboarding_case=None)
        .order_by("pk")
        .first()
    )
    if service is None or case.service_id:
        return set()
    Case.objects.filter(pk=case.pk).update(service=service, name_id=service.name_id, name_en=service.name_en)
    case.refresh_from_db()
    CaseEvent.objects.create(case=case, actor=order.placed_by, kind="ordered", note=str(order))
    _note_facts(case, None)
    settling.settle(case)
    return {service.pk}
