"""Walking a case along by the services, with sensible defaults."""

from datetime import timedelta
from decimal import Decimal

from django.utils import timezone

from accounts.models import Customer, User
from billing import payments
from billing.models import Order, Payment
from catalog.models import Product
from onboarding import progress, transitions
from onboarding.models import Appointment, Case, Change, Document, Stage, StageEvent
from onboarding.models.templates import Completion
from tests import factories
from tests.billing.shop import place


def fresh(thing):
    return type(thing).objects.get(pk=thing.pk)


def states(case: Case) -> dict[str, str]:
    return dict(case.stages.values_list("key", "status"))


def stage(case: Case, key: str) -> Stage:
    return case.stages.get(key=key)


def current(case: Case) -> Stage:
    return case.stages.get(status="current")


def told(case: Case) -> list[str]:
    """The kinds of changes that customers were told, in order."""
    return list(case.changes.order_by("pk").values_list("kind", flat=True))


def history(of: Case) -> int:
    """How many events there are of the case and its stages: unchanged where nothing moved."""
    return (
        of.events.count() + StageEvent.objects.filter(stage__case=of).count() + Change.objects.filter(case=of).count()
    )


def product_with_onboarding(*, activation: str = "by_staff", **fields) -> Product:
    made = factories.product(activation=activation, taxable=False, **fields)
    factories.onboarding_template(made)
    factories.product_role(made, "owner")
    factories.product_role(made, "accountant", sees_tracker=False, signs=False)
    return made


def order(customer: Customer, *products: Product) -> Order:
    return place(customer, *(products or [product_with_onboarding()]))


def ordered_case(customer: Customer, product: Product | None = None) -> Case:
    """Opened by an order in the shop; its service waits for staff to activate it."""
    return Case.objects.get(service__order=order(customer, product or product_with_onboarding()))


def appointment(case: Case, key: str, *, status: str = "scheduled", days: int = 1, **fields) -> Appointment:
    starts_at = timezone.now() + timedelta(days=days)
    defaults = {"kind": "meeting", "title": "Pertemuan", "link": "https://rapat.example/a", "starts_at": starts_at}
    made = Appointment.objects.create(
        case=case,
        stage=stage(case, key),
        status=status,
        ends_at=starts_at + timedelta(hours=1),
        **{**defaults, **fields},
    )
    transitions.began(made, actor=None)
    return made


def document(case: Case, key: str, status: str = "sent", **fields) -> Document:
    now = timezone.now()
    dates = {"sent_at": now}
    if status in ("signed", "received"):
        dates["signed_at"] = now
    if status == "received":
        dates["received_at"] = now
    defaults = {"kind": "other", "title": "Dokumen", "needs_signature": True, **dates}
    made = Document.objects.create(case=case, stage=stage(case, key), status=status, **{**defaults, **fields})
    transitions.began(made, actor=None)
    return made


def hold_meeting(case: Case, actor: User | None = None) -> None:
    """The current stage's meeting took place."""
    here = current(case)
    appointment(case, here.key, status="done", days=-1)
    progress.satisfy(case=case, completion=Completion.EVENTS_DONE, actor=actor, stage=here)


def sign(case: Case, actor: User | None = None) -> None:
    """The current stage's document was signed and received."""
    here = current(case)
    document(case, here.key, "received")
    progress.satisfy(case=case, completion=Completion.DOCUMENT_SIGNED, actor=actor, stage=here)


def pay(case: Case, actor: User | None = None) -> Payment:
    return pay_order(case.service.order, actor)


def pay_order(of: Order, actor: User | None = None) -> Payment:
    invoice = fresh(of.invoice)
    return payments.record(
        customer=of.customer,
        amount=Decimal(invoice.total),
        currency=invoice.currency,
        source=Payment.Source.STAFF,
        cause=f"test:{invoice.pk}:{invoice.allocations.count()}",
        method=None,
        received_on=timezone.localdate(),
        reference="TEST",
        actor=actor,
        invoices=[invoice],
    )


def walk_to(key: str, case: Case) -> Case:
    """As facts and people would: meetings are held, documents signed, the invoice is paid."""
    while (here := current(case)).key != key:
        step = {"events_done": hold_meeting, "document_signed": sign, "invoice_paid": pay}[here.completion]
        step(case)
        case.refresh_from_db()
    return case
