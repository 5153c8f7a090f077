"""The payment desk as one queue: confirmations with the line that proves them, those without, and lines nobody told of."""

from datetime import timedelta

import pytest
from django.contrib.messages import get_messages
from django.urls import reverse
from django.utils import timezone

from billing import confirmations, desk
from billing.bank import settling
from billing.models import BankAccount, Payment, PaymentConfirmation, StatementImport, StatementLine
from tests import factories
from tests.billing import shop
from tests.billing.shop import came_in
from tests.staff.desk import pay, waiting_confirmation

pytestmark = pytest.mark.django_db

DESK = reverse("admin:billing_desk")


@pytest.fixture
def account(db) -> BankAccount:
    return factories.bank_account()


def page_of(thing: PaymentConfirmation | StatementLine, show: str = "") -> str:
    name = "billing_desk_confirmation" if isinstance(thing, PaymentConfirmation) else "billing_line_review"
    return reverse(f"admin:{name}", args=[thing.pk]) + (f"?show={show}" if show else "")


def told(response) -> list[str]:
    return [str(message) for message in get_messages(response.wsgi_request)]


def ago(thing: PaymentConfirmation | StatementLine, minutes: int):
    """It came to the desk that long ago."""
    at = timezone.now() - timedelta(minutes=minutes)
    if isinstance(thing, PaymentConfirmation):
        PaymentConfirmation.objects.filter(pk=thing.pk).update(submitted_at=at)
    else:
        StatementImport.objects.filter(pk=thing.imported_id).update(imported_at=at)
    thing.refresh_from_db()
    return thing


def queue_of_three(account: BankAccount) -> tuple[PaymentConfirmation, PaymentConfirmation, StatementLine]:
    """A confirmation whose line is there, one without, and a line that nobody told of, oldest first."""
    proven = ago(waiting_confirmation(sender_name="Budi Santoso"), 30)
    came_in(account, 150_000, "TRSF", "BUDI SANTOSO")
    unproven = ago(waiting_confirmation(total=90_000, sender_name="Anna Dewi", proofs=[shop.picture("red")]), 20)
    return proven, unproven, ago(came_in(account, 7_000, "SETORAN", "RATNA"), 10)


def test_the_queue_holds_both_sides_and_a_pair_once(at_desk, account):
    proven, unproven, line = queue_of_three(account)
    page = at_desk.get(DESK)
    rows = page.context["rows"]
    assert [row.confirmation or row.line for row in rows] == [proven, unproven, line]
    assert [row.proof.words if row.proof else "" for row in rows] == ["Terbukti di mutasi", "Mutasi belum sampai", ""]
    assert [(tab.label, tab.count) for tab in page.context["tabs"]] == [
        ("Semua", 3),
        ("Konfirmasi", 2),
        ("Konfirmasi dengan mutasi", 1),
        ("Konfirmasi tanpa mutasi", 1),
        ("Mutasi tanpa konfirmasi", 1),
    ]


@pytest.mark.parametrize(
    ("show", "places"),
    [("confirmations", [0, 1]), ("with-line", [0]), ("without-line", [1]), ("lines", [2]), ("nonsense", [0, 1, 2])],
)
def test_a_part_of_the_queue_can_be_worked_through(at_desk, account, show, places):
    things = queue_of_three(account)
    rows = at_desk.get(DESK, {"show": show}).context["rows"]
    assert [row.confirmation or row.line for row in rows] == [things[place] for place in places]


def test_next_and_previous_go_through_both_sides_and_stay_in_their_part(at_desk, account):
    proven, unproven, line = queue_of_three(account)
    html = at_desk.get(page_of(unproven)).content.decode()
    assert f'data-key="p" href="{page_of(proven)}"' in html
    assert f'data-key="n" href="{page_of(line)}"' in html
    assert "Nomor 2 dari 3 dalam antrean" in html
    assert f'data-key="p" href="{page_of(unproven)}"' in at_desk.get(page_of(line)).content.decode()
    html = at_desk.get(page_of(proven, "confirmations")).content.decode()
    assert f'data-key="n" href="{page_of(unproven, "confirmations")}"' in html
    assert "Nomor 1 dari 2 dalam antrean" in html


def test_one_press_accepts_with_the_line_and_opens_what_follows(at_desk, account, verifier):
    proven, unproven, _line = queue_of_three(account)
    html = at_desk.get(page_of(proven)).content.decode()
    assert "Terima dengan mutasi ini" in html
    assert "Nama pengirimnya sama" in html
    line = StatementLine.objects.get(amount=150_000)
    response = at_desk.post(page_of(proven), {"decision": "line", "line": line.pk})
    assert response.url == page_of(unproven)
    assert told(response) == [f"Rp150.000 diterima untuk {proven.invoice}."]
    proven.refresh_from_db()
    line.refresh_from_db()
    assert (proven.status, proven.decided_by, proven.payment.statement_line, line.status) == (
        "approved",
        verifier,
        line,
        "assigned",
    )
    assert f"Mutasinya: {line}" in at_desk.get(page_of(proven)).content.decode()


def test_the_key_presses_the_line_only_where_nothing_is_unusual(at_desk, account):
    proven, unproven, _line = queue_of_three(account)
    assert at_desk.get(page_of(proven)).context["press_line"] is True
    assert at_desk.get(page_of(proven)).context["press_approve"] is False
    assert at_desk.get(page_of(unproven)).context["press_approve"] is True
    came_in(account, 150_000, "LAGI", "BUDI SANTOSO")
    assert at_desk.get(page_of(proven)).context["press_line"] is False


@pytest.mark.parametrize("line", ["", "x", "0", "999999"])
def test_a_line_that_is_none_is_not_found_and_nothing_moves(at_desk, account, line):
    confirmation = waiting_confirmation()
    assert at_desk.post(page_of(confirmation), {"decision": "line", "line": line}).status_code == 404
    confirmation.refresh_from_db()
    assert (confirmation.status, Payment.objects.count()) == ("submitted", 0)


def test_nobody_accepts_their_own_confirmation_with_a_line(client, account):
    both = factories.staff("billing.verify_payment")
    confirmation = waiting_confirmation(factories.customer(both), sender_name="Budi Santoso")
    line = came_in(account, 150_000, "TRSF", "BUDI SANTOSO")
    client.force_login(both)
    assert "Terima dengan mutasi ini" not in client.get(page_of(confirmation)).content.decode()
    assert "Terima konfirmasi ini" not in client.get(page_of(line)).content.decode()
    for address, data in [
        (page_of(confirmation), {"decision": "line", "line": line.pk}),
        (page_of(line), {"decision": "confirm", "confirmation": confirmation.pk}),
    ]:
        client.post(address, data)
    confirmation.refresh_from_db()
    line.refresh_from_db()
    assert (confirmation.status, line.status, Payment.objects.count()) == ("submitted", "review", 0)


@pytest.mark.parametrize(
    ("last", "words", "against"),
    [
        (None, "Mutasi rekening ini belum pernah diimpor", False),
        (-1, "belum ada mutasi untuk tanggal transfer ini", False),
        (0, "hari transfernya, dan belum memuat transfer ini", False),
        (1, "tidak memuat transfer ini", True),
    ],
)
def test_why_there_is_no_line_is_said(at_desk, account, last, words, against):
    day = timezone.localdate() - timedelta(days=3)
    confirmation = waiting_confirmation(transferred_on=day)
    if last is not None:
        came_in(account, 5, "BUNGA", "", booked_on=day + timedelta(days=last))
    page = at_desk.get(page_of(confirmation))
    assert words in page.content.decode()
    assert (page.context["evidence"].speaks_against, page.context["press_approve"]) == (against, not against)
    assert words in at_desk.get(DESK).content.decode()


def test_another_amount_of_the_same_sender_is_shown_with_the_difference(at_desk, account):
    confirmation = waiting_confirmation(sender_name="Budi Santoso")
    came_in(account, 149_000, "TRSF", "BUDI SANTOSO")
    page = at_desk.get(page_of(confirmation))
    html = page.content.decode()
    assert "Kurang Rp1.000 dari tagihan" in html
    assert "Kurang Rp1.000 dari yang diisi pelanggan" in html
    assert [one.sure for one in page.context["evidence"].found] == [False]


def test_a_line_that_was_used_meanwhile_is_told_by_whom_and_when(at_desk, account):
    confirmation = waiting_confirmation(sender_name="Budi Santoso")
    line = came_in(account, 150_000, "TRSF", "BUDI SANTOSO")
    other = shop.unpaid_invoice(factories.customer(factories.user()))
    colleague = factories.staff("billing.verify_payment", name="Budi Cepat")
    parts = [settling.Part(other.customer, shop.rupiah(150_000), (other,))]
    settling.assign(line=line, parts=parts, actor=colleague)
    at = f"{timezone.localtime(line.events.get(to_status='assigned').at):%d-%m-%Y %H.%M.%S}"

    page = at_desk.get(page_of(confirmation)).content.decode()
    assert f"sudah dipakai untuk {other} oleh Budi Cepat pada {at}" in page
    response = at_desk.post(page_of(confirmation), {"decision": "line", "line": line.pk})
    assert response.url == page_of(confirmation)
    [words] = told(response)
    assert f"{other}: Ditetapkan staf oleh Budi Cepat pada {at}" in words
    confirmation.refresh_from_db()
    assert (confirmation.status, Payment.objects.count()) == ("submitted", 1)


def test_the_page_of_a_line_offers_the_confirmation_and_accepts_it(at_desk, account):
    confirmation = waiting_confirmation(sender_name="Budi Santoso")
    line, following = came_in(account, 150_000, "TRSF", "BUDI SANTOSO"), came_in(account, 5)
    page = at_desk.get(page_of(line))
    assert [one.confirmation for one, _own in page.context["told"]] == [confirmation]
    response = at_desk.post(page_of(line), {"decision": "confirm", "confirmation": confirmation.pk})
    assert response.url == page_of(following)
    confirmation.refresh_from_db()
    assert (confirmation.status, confirmation.payment.statement_line) == ("approved", line)
    again = at_desk.post(page_of(line), {"decision": "confirm", "confirmation": confirmation.pk})
    assert "sudah dipakai untuk" in told(again)[-1]


def test_a_line_whose_money_was_recorded_before_is_said_to_be_so_and_made_its_proof(at_desk, account, verifier):
    confirmation = waiting_confirmation(sender_name="Budi Santoso")
    payment = confirmations.approve(confirmation=confirmation, amount=shop.rupiah(150_000), actor=verifier)
    line = came_in(account, 150_000, "TRSF", "BUDI SANTOSO")
    assert "Sudah dicatat" in at_desk.get(DESK).content.decode()
    assert "Ini transfer yang sama" in at_desk.get(page_of(line)).content.decode()
    assert at_desk.post(page_of(line), {"decision": "same", "payment": "x"}).status_code == 404

    response = at_desk.post(page_of(line), {"decision": "same", "payment": payment.pk})

    assert response.url == DESK
    line.refresh_from_db()
    assert (line.status, line.payments.get(), Payment.objects.count()) == ("assigned", payment, 1)
    assert "tetap ada" in at_desk.get(page_of(line)).content.decode()


def test_what_is_decided_in_a_part_leads_on_in_that_part(at_desk, account):
    proven, _unproven, line = queue_of_three(account)
    response = at_desk.post(page_of(line, "lines"), {"decision": "ignore", "ignore-reason": "Bunga"})
    assert response.url == f"{DESK}?show=lines"
    assert "Semua uang masuk sudah dikenali." in at_desk.get(response.url).content.decode()
    refused = at_desk.post(page_of(proven, "with-line"), {"decision": "reject", "preset": "not_found"})
    assert refused.url == f"{DESK}?show=with-line"


def test_a_line_alone_is_listed_with_what_it_is_most_likely_for(at_desk, account):
    customer = factories.customer(factories.user(), name="PT Maju Jaya")
    invoice = shop.unpaid_invoice(customer, 150_000)
    named, numbered = came_in(account, 150_000, "MAJU JAYA", ""), came_in(account, 149_000, invoice.number)
    nobody = came_in(account, 12, "BUNGA", "")
    rows = {row.line: row.candidate for row in at_desk.get(DESK).context["rows"]}
    assert [(rows[one].invoice, rows[one].reasons[0]) for one in (named, numbered)] == [
        (invoice, "Nama pelanggan ada di keterangan"),
        (invoice, "Nomornya ada di keterangan; kurang Rp1.000"),
    ]
    assert rows[nobody] is None


def test_the_share_that_nobody_had_to_look_at_is_counted_from_the_rows(at_desk, account, verifier):
    customer = factories.customer(factories.user())
    alone = [came_in(account, 150_000, shop.unpaid_invoice(customer).number) for _n in range(2)]
    settling.recognise_all([line.pk for line in alone])
    by_staff = came_in(account, 9_000)
    settling.assign(line=by_staff, parts=[settling.Part(customer, shop.rupiah(9_000))], actor=verifier)
    old = came_in(account, 9_000, booked_on=timezone.localdate() - timedelta(days=30))
    settling.assign(line=old, parts=[settling.Part(customer, shop.rupiah(9_000))], actor=verifier)
    came_in(account, 1)
    assert desk.recognised_lately() == desk.Recognised(alone=2, all=3)
    page = at_desk.get(DESK).content.decode()
    assert "66 %" in page
    assert "2 dari 3 mutasi yang membayar, 30 hari terakhir" in page


def test_without_any_line_there_is_no_share(at_desk):
    assert desk.recognised_lately().percent is None
    assert at_desk.get(DESK).status_code == 200


@pytest.mark.parametrize("count", [1, 3])
def test_the_queue_costs_the_same_for_one_and_three_of_each(at_desk, account, django_assert_num_queries, count):
    for number in range(count):
        sender = f"Pengirim {chr(97 + number) * 3}"
        waiting_confirmation(sender_name=sender, sender_number=str(number))
        came_in(account, 150_000, "TRSF", sender.upper())
        waiting_confirmation(total=90_000 + number, sender_name="Lain", sender_number=f"9{number}")
        came_in(account, 70_000 + number)
    at_desk.get(DESK)
    with django_assert_num_queries(17):
        rows = at_desk.get(DESK).context["rows"]
    assert len(rows) == 3 * count


@pytest.mark.parametrize("count", [1, 3])
def test_a_confirmation_costs_the_same_for_one_line_and_three(at_desk, account, django_assert_num_queries, count):
    confirmation = waiting_confirmation(sender_name="Budi Santoso")
    for _number in range(count):
        came_in(account, 150_000, "TRSF", "BUDI SANTOSO")
    at_desk.get(page_of(confirmation))
    with django_assert_num_queries(21):
        at_desk.get(page_of(confirmation))


def test_the_queue_is_paged(at_desk, account, monkeypatch):
    monkeypatch.setattr("billing.admin.desk.PAGE_SIZE", 2)
    *_first, last = queue_of_three(account)
    page = at_desk.get(DESK, {"p": "2"})
    assert [row.line for row in page.context["rows"]] == [last]
    assert "Halaman 2 dari 2" in page.content.decode()


def test_the_cards_of_the_start_page_lead_to_their_part_and_count_it(boss, account):
    queue_of_three(account)
    cards = {card.key: card for card in boss.get(reverse("admin:index")).context["work"]}
    assert (cards["verify"].count, cards["verify"].url) == (2, f"{DESK}?show=confirmations")
    assert (cards["statement"].count, cards["statement"].url) == (1, f"{DESK}?show=lines")
    for key in ("verify", "statement"):
        assert len(boss.get(cards[key].url).context["rows"]) == cards[key].count


def test_a_paid_invoice_is_no_candidate_of_a_list(at_desk, account):
    invoice = shop.unpaid_invoice(factories.customer(factories.user()))
    pay(invoice)
    came_in(account, 150_000, invoice.number)
    [row] = at_desk.get(DESK).context["rows"]
    assert row.candidate is None
