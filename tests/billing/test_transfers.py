"""Handing a service over: offered to an address, agreed to by whoever holds the link, and what stays where."""

from datetime import date

import pytest

from accounts import crypto, outbox
from billing import cancellations, early, transfers
from billing.models import Invoice, Service, ServiceTransfer
from catalog.cycles import Cycle
from catalog.selection import Selection
from tests import factories
from tests.billing.races import at_once
from tests.billing.shop import confirm, emails, place
from tests.billing.years import active_order, disagreements, on, pay, periods, renewals, run

pytestmark = pytest.mark.django_db

ORDERED = date(2026, 1, 10)
TODAY = date(2026, 1, 20)
DUE = date(2026, 2, 10)


@pytest.fixture
def service(customer) -> Service:
    product = factories.product(taxable=False, name_id="Hosting")
    factories.addon(product, key="care", prices={Cycle.MONTHLY: 50_000}, taxable=False)
    chosen = Selection(cycle=Cycle.MONTHLY, addons=frozenset({"care"}))
    return active_order(customer, ORDERED, product, selections={product: chosen}).services.get(parent=None)


@pytest.fixture
def receiver():
    return factories.user(email="penerima@example.com")


@pytest.fixture
def taker(receiver):
    return factories.customer(receiver, name="PT Penerima")


def fresh(service: Service) -> Service:
    return Service.objects.select_related("customer", "order").get(pk=service.pk)


def offer(service: Service, email: str = "penerima@example.com", day: date = TODAY) -> ServiceTransfer:
    with on(day):
        service = fresh(service)
        return transfers.offer(service=service, email=email, actor=service.customer.users.first())


def accept(transfer: ServiceTransfer, taker, day: date = TODAY) -> Service:
    with on(day):
        return transfers.accept(
            transfer=ServiceTransfer.objects.get(pk=transfer.pk), customer=taker, actor=taker.users.first()
        )


def owners(service: Service) -> set:
    family = [fresh(service), *service.children.all()]
    return {one.customer for one in family}


def test_the_link_goes_to_the_address_alone_and_those_who_give_are_told(customer, service):
    made = offer(service, "Penerima@Example.com")
    [mail] = emails("transfer_offer")
    assert (mail.to, mail.customer) == ("penerima@example.com", None)
    address = crypto.decrypt(mail.arguments["secret"])
    token = address.rstrip("/").rsplit("/", 1)[1]
    assert transfers.find(token) == made
    assert token not in str(ServiceTransfer.objects.values())
    shown = outbox.render("billing/transfer_offer", mail.arguments, "id", reveal=True).text
    for words in (address, customer.name, "Hosting", "Rp150.000", "3 Februari 2026"):
        assert words in shown
    assert address not in outbox.render("billing/transfer_offer", mail.arguments, "id", reveal=False).text
    assert {one.to for one in emails("transfer_started")} == {customer.billing_email, customer.users.first().email}
    assert "3 February 2026" in outbox.render("billing/transfer_offer", mail.arguments, "en", reveal=True).text


def test_an_unknown_address_is_answered_as_a_known_one(service, receiver):
    known = offer(service)
    ServiceTransfer.objects.update(withdrawn_at=known.offered_at)
    unknown = offer(service, "tidak-ada@example.com")
    assert (unknown.from_customer, unknown.to_customer) == (known.from_customer, known.to_customer)
    assert [mail.to for mail in emails("transfer_offer")] == ["penerima@example.com", "tidak-ada@example.com"]


def test_agreed_to_the_service_moves_with_its_parts_and_the_past_stays(customer, service, taker):
    old_invoices = set(customer.invoices.all())
    moved = accept(offer(service), taker)
    assert owners(service) == {taker}
    assert moved.status == "active"
    assert set(customer.invoices.all()) == old_invoices
    assert ServiceTransfer.objects.get().to_customer == taker
    assert service.events.order_by("-pk")[0].kind == "transferred"
    assert [len(emails(f"transfer_{name}")) for name in ("given", "taken")] == [2, 2]
    arguments = emails("transfer_given")[0].arguments
    assert "PT Penerima" in outbox.render("billing/transfer_given", arguments, "id", reveal=True).text
    taken = outbox.render("billing/transfer_taken", arguments, "id", reveal=True).text
    assert "Yth. PT Penerima" in taken
    assert service.get_absolute_url() in taken
    run(date(2026, 1, 28))
    assert (renewals(customer), periods(renewals(taker))) == ([], [(DUE, date(2026, 3, 9))] * 2)
    assert disagreements() == []


def test_an_unpaid_renewal_is_invoiced_anew_to_who_took_it(customer, service, taker):
    other = active_order(customer, ORDERED, factories.product(taxable=False)).services.get()
    run(date(2026, 1, 28))
    accept(offer(service, day=date(2026, 1, 28)), taker, date(2026, 1, 28))
    assert [(one.status, int(one.total)) for one in renewals(customer)] == [("cancelled", 350_000), ("unpaid", 150_000)]
    assert renewals(customer)[1].lines.get().service == other
    run(date(2026, 1, 29))
    assert [(one.status, int(one.total), one.due_on) for one in renewals(taker)] == [("unpaid", 200_000, DUE)]
    assert disagreements() == []


def test_what_was_paid_ahead_goes_with_it(customer, service, taker):
    with on(TODAY):
        invoice = early.renew(service=fresh(service), periods=2, actor=customer.users.first())
    pay(invoice, TODAY)
    accept(offer(service), taker)
    assert fresh(service).next_due == date(2026, 4, 10)


@pytest.mark.parametrize("paid", [True, False])
def test_a_renewal_that_somebody_is_paying_keeps_it(customer, service, taker, paid):
    run(date(2026, 1, 28))
    made = offer(service, day=date(2026, 1, 28))
    if paid:
        pay(renewals(customer)[0], date(2026, 1, 29), 1_000)
    else:
        with on(date(2026, 1, 29)):
            confirm(renewals(customer)[0])
    with pytest.raises(transfers.CannotTransfer, match="sedang dibayar"):
        accept(made, taker, date(2026, 1, 29))
    assert owners(service) == {customer}
    assert [one.status for one in renewals(customer)] == ["unpaid"]
    assert ServiceTransfer.objects.get().accepted_at is None


def test_a_service_whose_order_is_unpaid_or_that_ends_is_not_offered(customer, service):
    with on(TODAY):
        pending = place(customer, factories.product(activation="on_order")).services.get()
        with pytest.raises(transfers.CannotTransfer):
            transfers.offer(service=pending, email="x@example.com", actor=customer.users.first())
        cancellations.request(
            service=fresh(service), when="period_end", reason="price", comment="", actor=customer.users.first()
        )
    with pytest.raises(transfers.CannotTransfer):
        offer(service)
    with pytest.raises(transfers.CannotTransfer):
        offer(service.children.get())
    assert (ServiceTransfer.objects.count(), emails("transfer_offer")) == (0, [])


def test_one_offer_at_a_time_until_it_is_withdrawn(customer, service, taker):
    first = offer(service)
    with pytest.raises(transfers.CannotTransfer):
        offer(service, "lain@example.com")
    with on(TODAY):
        transfers.withdraw(transfer=first, actor=customer.users.first())
        with pytest.raises(transfers.CannotTransfer):
            transfers.withdraw(transfer=first, actor=customer.users.first())
    assert [mail.to for mail in emails("transfer_withdrawn")] == ["penerima@example.com"]
    with pytest.raises(transfers.CannotTransfer):
        accept(first, taker)
    assert owners(service) == {customer}
    offer(service, "lain@example.com")


def test_declined_the_giver_is_told_and_keeps_it(customer, service, taker, receiver):
    made = offer(service)
    with on(TODAY):
        transfers.decline(transfer=made, actor=receiver)
    with pytest.raises(transfers.CannotTransfer):
        accept(made, taker)
    assert owners(service) == {customer}
    assert len(emails("transfer_declined")) == 2


def test_an_offer_is_good_for_14_days_and_then_closed_once(customer, service, taker):
    made = offer(service)
    assert run(date(2026, 2, 3)).counts["transfers"] == {"expired": 0}
    with on(date(2026, 2, 4)), pytest.raises(transfers.CannotTransfer):
        transfers.accept(transfer=made, customer=taker, actor=taker.users.first())
    assert run(date(2026, 2, 4)).counts["transfers"] == {"expired": 1}
    assert run(date(2026, 2, 4)).counts["transfers"] == {"expired": 0}
    assert len(emails("transfer_expired")) == 2
    assert owners(service) == {customer}


def test_it_is_not_taken_by_who_has_it(customer, service):
    made = offer(service)
    with pytest.raises(transfers.CannotTransfer, match="sudah milik"):
        accept(made, customer)
    assert ServiceTransfer.objects.get().accepted_at is None


def test_a_running_onboarding_keeps_it_and_a_finished_one_stays_with_its_customer(customer, service, taker):
    case = factories.onboarding_case(customer)
    type(case).objects.filter(pk=case.pk).update(service=service)
    with pytest.raises(transfers.CannotTransfer, match="Onboarding"):
        offer(service)
    type(case).objects.filter(pk=case.pk).update(status="live", live_at=case.opened_at)
    accept(offer(service), taker)
    case.refresh_from_db()
    assert (case.customer, case.service) == (customer, None)


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_two_colleagues_answer_at_once_and_one_counts(monkeypatch):
    monkeypatch.setattr("accounts.outbox.nudge", lambda _email_id: None)
    customer, first, second = (factories.customer(factories.user()) for _number in range(3))
    service = active_order(customer, ORDERED, factories.product(taxable=False)).services.get()
    run(date(2026, 1, 28))
    made = offer(service, day=date(2026, 1, 28))

    def answer(taker):
        read, actor = ServiceTransfer.objects.select_related("from_customer").get(pk=made.pk), taker.users.first()
        return lambda: transfers.accept(transfer=read, customer=taker, actor=actor)

    with on(date(2026, 1, 28)):
        outcomes = at_once(answer(first), answer(second), lambda: run(date(2026, 1, 28)))
    errors = [type(one.error) for one in outcomes if one.error]
    assert errors == [transfers.CannotTransfer]
    assert fresh(service).customer in (first, second)
    assert [one.status for one in renewals(customer)] == ["cancelled"]
    assert disagreements() == []


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_taken_while_its_renewal_is_paid_the_money_and_the_service_are_somewhere(monkeypatch):
    monkeypatch.setattr("accounts.outbox.nudge", lambda _email_id: None)
    customer, taker = factories.customer(factories.user()), factories.customer(factories.user())
    service = active_order(customer, ORDERED, factories.product(taxable=False)).services.get()
    run(date(2026, 1, 28))
    made = offer(service, day=date(2026, 1, 28))
    [invoice] = renewals(customer)
    read = ServiceTransfer.objects.select_related("from_customer").get(pk=made.pk)
    actor = taker.users.first()
    with on(date(2026, 1, 28)):
        taken, paid = at_once(
            lambda: transfers.accept(transfer=read, customer=taker, actor=actor),
            lambda: pay(Invoice.objects.get(pk=invoice.pk), date(2026, 1, 28), 150_000),
        )
    assert paid.error is None
    invoice.refresh_from_db()
    if taken.error is None:
        assert invoice.status in {"cancelled", "paid"}
        assert fresh(service).customer == taker
    else:
        assert (invoice.status, fresh(service).customer) == ("paid", customer)
    assert disagreements() == []
