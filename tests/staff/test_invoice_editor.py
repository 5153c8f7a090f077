"""Invoices that staff writes by hand: drafted, rewritten, issued once, and paid like any other."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts import outbox
from accounts.models import OutboxEmail, Shop
from billing import editing, ledger
from billing.editing import Content, WrittenLine
from billing.models import Invoice
from catalog.models import TaxRule
from catalog.money import total_of
from tests import factories
from tests.billing import shop
from tests.racing import at_once, race, refusals
from tests.staff import desk


@pytest.fixture
def customer(db):
    return factories.customer(factories.user())


@pytest.fixture
def writer(db):
    return factories.staff("billing.add_invoice", "billing.change_invoice", "billing.view_invoice")


@pytest.fixture
def at_work(client, writer):
    client.force_login(writer)
    return client


@pytest.fixture
def method(db):
    return factories.bank_account().method


@pytest.fixture
def draft(customer, writer, method) -> Invoice:
    return editing.start(customer=customer, actor=writer)


def line(description: str = "Pelatihan", unit_price: int = 1_000_000, **fields) -> WrittenLine:
    return WrittenLine(**{"description": description, "quantity": 1, "unit_price": Decimal(unit_price), **fields})


def rewrite(draft: Invoice, writer, *lines: WrittenLine, **fields) -> None:
    content = Content(lines, fields.pop("payment_method", draft.payment_method), **fields)
    editing.rewrite(invoice=draft, content=content, seen=editing.version(draft), actor=writer)


def posted(draft: Invoice, *lines: dict, **fields) -> dict:
    data = {
        "action": "save",
        "around-seen": editing.version(draft),
        "around-payment_method": draft.payment_method_id,
        "line": [str(number) for number in range(len(lines))],
        **fields,
    }
    for number, values in enumerate(lines):
        data |= {f"line-{number}-{name}": value for name, value in values.items()}
    return data


TRAINING = {"description": "Pelatihan", "quantity": "2", "unit_price": "1.500.000", "taxable": "on"}
TRAVEL = {"description": "Perjalanan", "quantity": "1", "unit_price": "350.000"}


def page(client, draft: Invoice, **data) -> str:
    address = reverse("admin:billing_invoice_edit", args=[draft.pk])
    return (client.post(address, data) if data else client.get(address)).content.decode()


def save(client, draft: Invoice, *lines: dict, **fields):
    return client.post(reverse("admin:billing_invoice_edit", args=[draft.pk]), posted(draft, *lines, **fields))


def press(client, draft: Invoice, button: str, **fields) -> str:
    address = reverse("admin:billing_invoice_press", args=[draft.pk, button])
    return client.post(address, fields, follow=True).content.decode()


def breaches() -> list[str]:
    return [str(one) for one in ledger.verify()]


def test_beginning_twice_makes_one_draft_until_something_is_written(draft, customer, writer):
    assert editing.start(customer=customer, actor=writer) == draft
    assert editing.start(customer=customer, actor=factories.staff()) != draft
    rewrite(draft, writer, line())
    assert editing.start(customer=customer, actor=writer) != draft


def test_a_draft_is_written_with_its_sums_and_history(draft, writer):
    factories.ppn()
    rewrite(draft, writer, line(), line("Perjalanan", 350_000, taxable=False), po_number="PO-7", notes="Terima kasih.")
    assert (draft.subtotal, draft.tax, draft.total) == (1_350_000, 110_000, 1_460_000)
    assert [(one.description, one.amount, one.kind) for one in draft.lines.all()] == [
        ("Pelatihan", 1_000_000, "manual"),
        ("Perjalanan", 350_000, "manual"),
    ]
    assert (draft.status, draft.number, draft.po_number, draft.notes) == ("draft", None, "PO-7", "Terima kasih.")
    assert [one.kind for one in draft.events.all()] == ["created", "edited"]
    assert breaches() == []


def test_writing_again_replaces_what_was_there(draft, writer):
    rewrite(draft, writer, line(), line("Perjalanan", 350_000))
    rewrite(draft, writer, line("Konsultasi", 800_000, quantity=3))
    assert [(one.description, one.quantity, one.amount) for one in draft.lines.all()] == [("Konsultasi", 3, 2_400_000)]
    assert draft.total == 2_400_000


def test_what_somebody_else_wrote_meanwhile_is_not_overwritten(draft, writer):
    seen = editing.version(draft)
    rewrite(draft, writer, line("Milik orang lain"))
    with pytest.raises(editing.WrittenMeanwhile):
        editing.rewrite(invoice=draft, content=Content([line()]), seen=seen, actor=writer)
    assert [one.description for one in draft.lines.all()] == ["Milik orang lain"]


def test_issuing_gives_number_date_and_email_and_ends_the_writing(draft, customer, writer):
    rewrite(draft, writer, line())
    editing.issue(invoice=draft, actor=writer)
    today = timezone.localdate()
    assert (draft.status, draft.sequence, draft.issued_on) == ("unpaid", 1, today)
    assert draft.due_on == today + timedelta(days=Shop.current().invoice_due_days)
    assert [one.to for one in shop.emails("invoice_issued")] == [customer.billing_email]
    with pytest.raises(editing.NoDraft):
        rewrite(draft, writer, line("Lain"))
    with pytest.raises(editing.NoDraft):
        editing.issue(invoice=draft, actor=writer)
    assert [one.description for one in draft.lines.all()] == ["Pelatihan"]
    assert len(shop.emails("invoice_issued")) == 1
    assert breaches() == []


def test_t1_a_draft_is_taxed_by_the_rule_of_the_day_it_is_issued(draft, writer):
    rewrite(draft, writer, line())
    assert draft.total == 1_000_000
    factories.ppn()
    editing.issue(invoice=draft, actor=writer)
    assert (draft.tax, draft.total, draft.tax_name) == (110_000, 1_110_000, TaxRule.objects.get().name)


@pytest.mark.parametrize(("lines", "due_in"), [(0, None), (1, -1)])
def test_what_is_not_ready_is_not_issued_and_uses_no_number(draft, writer, lines, due_in):
    rewrite(draft, writer, *[line()] * lines)
    due_on = due_in and timezone.localdate() + timedelta(days=due_in)
    Invoice.objects.filter(pk=draft.pk).update(due_on=due_on)
    with pytest.raises(editing.CannotIssue):
        editing.issue(invoice=draft, actor=writer)
    draft.refresh_from_db()
    assert (draft.status, draft.number) == ("draft", None)
    assert OutboxEmail.objects.count() == 0
    rewrite(draft, writer, line())
    editing.issue(invoice=draft, actor=writer)
    assert draft.sequence == 1


def test_i5_an_invoice_that_asks_for_nothing_is_paid_at_once(draft, writer):
    rewrite(draft, writer, line(unit_price=0))
    editing.issue(invoice=draft, actor=writer)
    assert draft.status == "paid"
    sent = outbox.render("billing/invoice_issued", {"invoice_id": draft.pk}, "id", reveal=True)
    assert "Tidak ada yang perlu Anda bayar" in sent.text


@pytest.mark.parametrize(("language", "words"), [("id", "Berikut tagihan"), ("en", "Here is invoice")])
def test_the_email_carries_the_lines_how_to_pay_and_the_document(draft, writer, language, words):
    rewrite(draft, writer, line(), notes="Sesuai penawaran lisan.")
    editing.issue(invoice=draft, actor=writer)
    sent = outbox.render("billing/invoice_issued", {"invoice_id": draft.pk}, language, reveal=True)
    for text in (sent.text, sent.html):
        assert words in text
        assert "Pelatihan" in text
        assert "PT Langganan Demo" in text
    assert [one.name for one in sent.attachments] == [f"{draft.slug}.pdf"]


def test_the_customer_reads_the_notes_and_pays_it(client, draft, writer, customer):
    rewrite(draft, writer, line(), notes="Sesuai penawaran lisan.")
    editing.issue(invoice=draft, actor=writer)
    client.force_login(customer.users.get())
    assert "Sesuai penawaran lisan." in client.get(draft.get_absolute_url()).content.decode()
    desk.pay(draft)
    draft.refresh_from_db()
    assert draft.status == "paid"
    assert breaches() == []


def test_a_draft_is_nobody_elses_to_see(client, draft, writer, customer):
    rewrite(draft, writer, line())
    client.force_login(customer.users.get())
    assert "Pelatihan" not in client.get(reverse("billing:invoices")).content.decode()


def test_from_choosing_the_customer_to_the_saved_draft(at_work, customer, method):
    other = factories.customer(name="PT Lain Sekali")
    chosen = at_work.get(reverse("admin:billing_invoice_new"), {"q": customer.name}).content.decode()
    assert (customer.name in chosen, other.name in chosen) == (True, False)
    begun = at_work.post(reverse("admin:billing_invoice_begin", args=[customer.pk]))
    draft = Invoice.objects.get()
    assert begun.url == reverse("admin:billing_invoice_edit", args=[draft.pk])
    factories.ppn()
    saved = save(at_work, draft, TRAINING, TRAVEL, **{"around-po_number": "PO-12"})
    assert saved.url == reverse("admin:billing_invoice_change", args=[draft.pk])
    draft.refresh_from_db()
    assert (draft.subtotal, draft.tax, draft.total, draft.po_number) == (3_350_000, 330_000, 3_680_000, "PO-12")
    assert "diterbitkan dan dikirim" in press(at_work, draft, "issue")
    draft.refresh_from_db()
    assert draft.number


def test_the_page_sums_up_what_is_typed_and_accuses_nobody(at_work, draft):
    factories.ppn()
    data = posted(draft, TRAINING, {"description": "", "quantity": "", "unit_price": ""}, action="recalculate")
    shown = page(at_work, draft, **data)
    assert "Rp3.330.000" in shown
    assert "belum lengkap" in shown
    assert "errorlist" not in shown
    assert draft.lines.count() == 0


def test_lines_are_added_empty_from_the_catalog_and_removed(at_work, draft):
    price = factories.product(prices={"monthly": (150_000, 50_000)}, name_id="Cloud Kecil").prices.get()
    blank = page(at_work, draft, **posted(draft, TRAINING, action="add-line"))
    assert 'name="line-1-description"' in blank
    filled = page(at_work, draft, **posted(draft, TRAINING, action="add-price", price=price.pk))
    assert 'value="Cloud Kecil"' in filled
    assert 'value="Biaya setup Cloud Kecil"' in filled
    assert "Rp3.200.000" in filled
    gone = page(at_work, draft, **posted(draft, TRAINING, TRAVEL, action="", remove="0"))
    assert ("Perjalanan" in gone, "Pelatihan" in gone) == (True, False)


def test_t4_a_price_that_includes_the_tax_is_taken_over_without_it(at_work, draft):
    factories.ppn()
    current = Shop.current()
    current.prices_include_tax = True
    current.save()
    price = factories.product(prices={"monthly": 111_000}).prices.get()
    filled = page(at_work, draft, **posted(draft, action="add-price", price=price.pk))
    assert 'value="100.000"' in filled


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ({"description": ""}, "errorlist"),
        ({"quantity": "0"}, "1"),
        ({"unit_price": "banyak"}, "Isi jumlah dalam rupiah"),
        ({"unit_price": "999.999.999.999", "quantity": "100000"}, "terlalu besar"),
        ({"period_start": "2026-01-01"}, "kosongkan keduanya"),
        ({"period_start": "2026-02-01", "period_end": "2026-01-01"}, "sesudah awalnya"),
    ],
)
def test_what_cannot_be_is_said_at_its_field_and_nothing_is_saved(at_work, draft, line, words):
    answer = save(at_work, draft, TRAINING | line)
    assert answer.status_code == 422
    assert "<title>Kesalahan:" in answer.content.decode()
    assert words in answer.content.decode()
    assert draft.lines.count() == 0


def test_a_draft_without_lines_or_with_a_day_gone_by_is_not_saved(at_work, draft):
    assert save(at_work, draft).status_code == 422
    assert save(at_work, draft, TRAINING, **{"around-due_on": "2020-01-01"}).status_code == 422
    assert draft.lines.count() == 0


def test_a_page_opened_before_somebody_else_saved_says_so(at_work, draft, writer):
    stale = posted(draft, TRAINING)
    rewrite(draft, writer, line("Milik orang lain"))
    answer = at_work.post(reverse("admin:billing_invoice_edit", args=[draft.pk]), stale)
    assert answer.status_code == 422
    assert "Orang lain menyimpan" in answer.content.decode()


def test_an_issued_invoice_has_no_editor(at_work, draft, writer):
    rewrite(draft, writer, line())
    editing.issue(invoice=draft, actor=writer)
    answer = at_work.get(reverse("admin:billing_invoice_edit", args=[draft.pk]))
    assert answer.url == reverse("admin:billing_invoice_change", args=[draft.pk])
    assert "Ubah konsep" not in at_work.get(answer.url).content.decode()


def test_what_the_shop_made_itself_is_not_written_by_hand(at_work, customer):
    invoice = shop.unpaid_invoice(customer)
    assert at_work.get(reverse("admin:billing_invoice_edit", args=[invoice.pk])).status_code == 404


def test_a_draft_is_thrown_away_with_a_reason(at_work, draft, writer):
    rewrite(draft, writer, line())
    press(at_work, draft, "cancel", note="Salah pelanggan.")
    draft.refresh_from_db()
    assert (draft.status, draft.number) == ("cancelled", None)
    assert breaches() == []


def test_an_issued_one_is_sent_again(at_work, draft, writer, customer):
    rewrite(draft, writer, line())
    editing.issue(invoice=draft, actor=writer)
    OutboxEmail.objects.update(status="sent", sent_at=timezone.now())
    assert customer.billing_email in press(at_work, draft, "resend")


def test_a_period_is_kept_with_its_line(at_work, draft):
    save(at_work, draft, TRAINING | {"period_start": "2026-01-01", "period_end": "2026-03-31"})
    assert [(one.period_start, one.period_end) for one in draft.lines.all()] == [(date(2026, 1, 1), date(2026, 3, 31))]


@pytest.mark.parametrize("count", [1, 3])
def test_choosing_costs_the_same_for_one_and_three(at_work, django_assert_num_queries, count):
    for _number in range(count):
        factories.customer()
    at_work.get(reverse("admin:billing_invoice_new"))
    with django_assert_num_queries(6):
        at_work.get(reverse("admin:billing_invoice_new"))


@pytest.mark.parametrize("count", [1, 3])
def test_the_editor_costs_the_same_for_one_and_three(at_work, draft, writer, django_assert_num_queries, count):
    for _number in range(count):
        factories.product()
    rewrite(draft, writer, *[line()] * count)
    page(at_work, draft)
    with django_assert_num_queries(11):
        page(at_work, draft)


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_issuing_against_writing_ends_with_one_whole_document(draft, writer):
    for _round in range(5):
        one = editing.start(customer=draft.customer, actor=writer)
        rewrite(one, writer, line())
        seen = editing.version(one)

        def rival(pk: int = one.pk) -> Invoice:
            return Invoice.objects.get(pk=pk)

        def write(rival=rival, seen: int = seen) -> None:
            content = Content([line("Lain", 2_000_000)])
            editing.rewrite(invoice=rival(), content=content, seen=seen, actor=writer)

        issued, _written = race(lambda rival=rival: editing.issue(invoice=rival(), actor=writer), write)
        one.refresh_from_db()
        whole = total_of(row.amount for row in one.lines.all())
        assert (issued, one.status, one.subtotal) == (None, "unpaid", whole)
    assert breaches() == []


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_i2_issuing_twice_at_once_uses_one_number(draft, writer):
    rewrite(draft, writer, line())
    outcomes = at_once(2, lambda: editing.issue(invoice=Invoice.objects.get(pk=draft.pk), actor=writer))
    draft.refresh_from_db()
    assert (draft.sequence, refusals(outcomes, editing.NoDraft)) == (1, 1)
    assert len(shop.emails("invoice_issued")) == 1


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_beginning_twice_at_once_makes_one_draft(customer, writer, method):
    at_once(2, lambda: editing.start(customer=customer, actor=writer))
    assert Invoice.objects.count() == 1
