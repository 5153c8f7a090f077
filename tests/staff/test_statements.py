"""Bank statements at the staff's desk: a file looked at and taken in, and lines that need a person."""

from decimal import Decimal

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone

from billing import payments
from billing.models import BankAccount, Payment, StatementImport, StatementLine
from tests import factories
from tests.billing import shop

pytestmark = pytest.mark.django_db

REVIEW = reverse("admin:billing_lines_to_review")
UPLOAD = reverse("admin:billing_statement_upload")


@pytest.fixture
def account(db):
    return factories.bank_account()


@pytest.fixture
def customer(db):
    return factories.customer(factories.user(), name="PT Maju Jaya")


def csv(*rows: str) -> str:
    return "\n".join(["Tanggal;Keterangan;Jumlah;Saldo", *rows])


def today() -> str:
    return f"{timezone.localdate():%d/%m/%Y}"


def send(at_desk, account: BankAccount, text: str, name: str = "mutasi.csv"):
    file = SimpleUploadedFile(name, text.encode())
    return at_desk.post(UPLOAD, {"account": account.pk, "file": file}, follow=True)


def line(account: BankAccount, amount: int, text: str = "DARI BUDI") -> StatementLine:
    imported = StatementImport.objects.create(account=account, source="x.csv", sha256="0" * 64)
    made = StatementLine.objects.create(
        account=account, imported=imported, key=f"k{StatementLine.objects.count()}", amount=amount, text=text,
        booked_on=timezone.localdate(),
    )  # fmt: skip
    made.events.create(kind="created", to_status="review")
    return made


def page_of(one: StatementLine) -> str:
    return reverse("admin:billing_line_review", args=[one.pk])


def test_a_file_is_looked_at_then_taken_in_and_pays_what_it_names(at_desk, account, customer):
    invoice = shop.unpaid_invoice(customer)
    text = csv(f"{today()};LUNAS {invoice.number} BUDI;150.000,00 CR;1.150.000,00", f"{today()};BUNGA;12 CR;1.150.012")

    looked = send(at_desk, account, text)
    assert "2 baris, 2 di antaranya uang masuk" in looked.text
    assert not StatementLine.objects.exists()

    columns = looked.context["form"].initial
    taken = at_desk.post(looked.request["PATH_INFO"], {**columns, "decision": "import"}, follow=True)

    assert "2 mutasi masuk, 1 dikenali sendiri." in taken.text
    invoice.refresh_from_db()
    assert invoice.status == "paid"
    assert list(StatementLine.objects.order_by("pk").values_list("status", flat=True)) == ["matched", "review"]
    assert StatementImport.objects.get().counts == {"new": 2, "known": 0, "ignored": 0, "matched": 1}


def test_an_unknown_layout_is_mapped_once_and_remembered(at_desk, account):
    text = f"Hari,Isi,Masuk,Keluar\n{today()},Dari Budi,150000,\n"

    looked = send(at_desk, account, text)
    assert looked.context["ready"] is False
    mapping = {"date": "Hari", "text": ["Isi"], "credit": "Masuk", "debit": "Keluar"}
    wrong = at_desk.post(looked.request["PATH_INFO"], {**mapping, "credit": "", "decision": "look"})
    assert (wrong.status_code, StatementLine.objects.count()) == (422, 0)
    at_desk.post(looked.request["PATH_INFO"], {**mapping, "decision": "import"})

    assert StatementLine.objects.get().amount == 150_000
    assert send(at_desk, account, text).context["ready"] is True


def test_a_row_that_cannot_be_read_is_named_and_nothing_is_taken_in(at_desk, account):
    looked = send(at_desk, account, csv(f"{today()};X;1.2,3 CR;0"))

    assert "Baris 2 tidak terbaca" in looked.text
    columns = looked.context["form"].initial or {"date": "Tanggal", "text": ["Keterangan"], "amount": "Jumlah"}
    again = at_desk.post(looked.request["PATH_INFO"], {**columns, "decision": "import"})
    assert (again.status_code, StatementLine.objects.count()) == (422, 0)


def test_a_picture_is_no_statement(at_desk, account):
    refused = at_desk.post(UPLOAD, {"account": account.pk, "file": shop.picture()})

    assert refused.status_code == 422
    assert "Unggah mutasi sebagai CSV" in refused.text
    assert not StatementImport.objects.exists()


def test_the_page_of_a_line_names_the_nearest_invoices_and_why(at_desk, account, customer):
    owner = customer.users.first()
    told = shop.unpaid_invoice(customer)
    shop.confirm(told, owner, sender_name="BUDI SANTOSO")
    named = shop.unpaid_invoice(customer, 149_500)
    one = line(account, 150_000, f"BUDI SANTOSO {named.number}")

    page = at_desk.get(page_of(one))

    found = [(candidate.invoice, candidate.reasons[0]) for candidate in page.context["found"]]
    assert found == [
        (told, "Konfirmasi pelanggan menyebut jumlah dan pengirim ini"),
        (named, "Nomornya ada di keterangan; lebih Rp500"),
    ]
    assert page.context["assign"].initial == {f"invoice_{told.pk}": 150_000, f"credit_{customer.pk}": None}


def test_staff_assigns_a_line_and_is_led_to_the_next(at_desk, account, customer):
    invoice = shop.unpaid_invoice(customer)
    one, following = line(account, 200_000, "PT MAJU JAYA"), line(account, 5)

    sent = {"decision": "assign", f"invoice_{invoice.pk}": "150.000", f"credit_{customer.pk}": "50.000"}
    done = at_desk.post(page_of(one), sent)

    assert done.url == page_of(following)
    one.refresh_from_db()
    invoice.refresh_from_db()
    assert (one.status, invoice.status, payments.credit_balance(customer)) == ("assigned", "paid", 50_000)


@pytest.mark.parametrize(
    ("invoice_part", "credit_part", "says"),
    [("150.000", "", "selisihnya Rp50.000"), ("200.000", "", "hanya kurang Rp150.000"), ("x", "", "angka saja")],
)
def test_a_split_that_is_not_the_line_is_refused_with_what_is_typed(
    at_desk, account, customer, invoice_part, credit_part, says
):
    invoice = shop.unpaid_invoice(customer)
    one = line(account, 200_000)

    sent = {"decision": "assign", f"invoice_{invoice.pk}": invoice_part, f"credit_{customer.pk}": credit_part}
    refused = at_desk.post(page_of(one), sent)

    assert refused.status_code == 422
    assert says in refused.text
    assert f'value="{invoice_part}"' in refused.text
    assert not Payment.objects.exists()


def test_search_finds_invoices_by_number_name_and_amount_and_customers_for_credit(at_desk, account, customer):
    invoice = shop.unpaid_invoice(customer)
    one = line(account, 70_000)

    for asked in (invoice.number, "maju jaya", "150.000"):
        page = at_desk.get(page_of(one), {"q": asked})
        assert f"invoice_{invoice.pk}" in page.context["assign"].fields, asked
        assert f"credit_{customer.pk}" in page.context["assign"].fields, asked
    nobody = at_desk.get(page_of(one), {"q": "tidak ada"})
    assert "Tidak ada yang cocok" in nobody.text


def test_what_was_done_can_be_undone_and_interest_ignored_each_with_a_reason(at_desk, account, customer):
    invoice = shop.unpaid_invoice(customer)
    one = line(account, 150_000)
    at_desk.post(page_of(one), {"decision": "assign", f"invoice_{invoice.pk}": "150000"})

    missing = at_desk.post(page_of(one), {"decision": "undo", "undo-reason": ""})
    assert missing.status_code == 422
    at_desk.post(page_of(one), {"decision": "undo", "undo-reason": "Salah orang"})
    one.refresh_from_db()
    invoice.refresh_from_db()
    assert (one.status, invoice.status) == ("review", "unpaid")

    at_desk.post(page_of(one), {"decision": "ignore", "ignore-reason": "Bunga"})
    one.refresh_from_db()
    assert one.status == "ignored"
    at_desk.post(page_of(one), {"decision": "again"})
    one.refresh_from_db()
    assert one.status == "review"


def test_an_invoice_paid_meanwhile_is_told_and_the_line_waits(at_desk, account, customer, verifier):
    invoice = shop.unpaid_invoice(customer)
    one = line(account, 150_000)
    payments.record(
        customer=customer, amount=Decimal(150_000), currency="IDR", source="staff", cause="x", method=None,
        received_on=timezone.localdate(), reference="", actor=verifier, invoices=[invoice],
    )  # fmt: skip

    at_desk.post(page_of(one), {"decision": "assign", f"invoice_{invoice.pk}": "150000"})

    one.refresh_from_db()
    assert one.status == "review"
    assert payments.credit_balance(customer) == 0


def test_the_old_queue_of_lines_leads_to_the_lines_of_the_desk(at_desk):
    assert at_desk.get(REVIEW).url == reverse("admin:billing_desk") + "?show=lines"


@pytest.mark.parametrize("rows", [1, 3])
def test_a_line_costs_the_same_for_one_candidate_and_three(at_desk, account, customer, rows, django_assert_num_queries):
    for _number in range(rows):
        shop.unpaid_invoice(customer)
    one = line(account, 150_000)

    with django_assert_num_queries(20):
        at_desk.get(page_of(one))
