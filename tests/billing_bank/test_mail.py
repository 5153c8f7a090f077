"""Statements as attachments: from the banks alone, of exactly one account, each once, and nothing lost on the way."""

from dataclasses import replace
from email.message import EmailMessage

import pytest

from accounts import imap as accounts_imap
from accounts.models import JobRun
from billing import tasks
from billing.bank import delivery, mail
from billing.models import Payment, StatementImport, StatementLine
from tests import factories
from tests.billing import shop
from tests.billing_bank import statements
from tests.imap_server import ADDRESS, FakeServer

pytestmark = pytest.mark.django_db

BANK = "mutasi@bank.example"


@pytest.fixture
def account(db):
    return factories.bank_account(bank="BNI", number="098 765 4321")


@pytest.fixture
def server(settings, monkeypatch):
    settings.STATEMENTS_MAILBOX = ADDRESS
    settings.STATEMENTS_SENDERS = [BANK, "@layanan.example"]
    fake = FakeServer(StatementImport.objects.count)
    monkeypatch.setattr(accounts_imap, "_connect", lambda host, port, *, tls: fake)
    return fake


def email(*attached: tuple[str, str], subject: str = "Mutasi rekening 0987654321", sender: str = BANK) -> bytes:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = sender, "toko@example.id", subject
    message.set_content("Terlampir mutasi rekening Anda.")
    for name, text in attached:
        message.add_attachment(text.encode(), maintype="application", subtype="octet-stream", filename=name)
    return message.as_bytes()


def put(server, *mails: bytes) -> None:
    server.mails |= {str(number): raw for number, raw in enumerate(mails, start=len(server.mails) + 1)}


def waiting() -> list[tuple[str, str]]:
    return list(StatementImport.objects.to_decide().values_list("source", "problem"))


def test_an_attachment_is_taken_in_and_the_email_marked_as_seen_after_it(server, account):
    put(server, email(("mutasi.csv", statements.BNI)))

    assert tasks.poll_statements() == {"received": 1, "ignored": 0, "failed": 0}

    row = StatementImport.objects.get()
    assert (row.account, row.road, row.source, row.counts["new"]) == (account, "mailbox", "mutasi.csv", 1)
    assert (server.seen, server.rows_when_seen, server.signed_out) == ({"1"}, [1], True)
    assert tasks.poll_statements() == {"received": 0, "ignored": 0, "failed": 0}
    assert JobRun.objects.get(name="poll-statements").succeeded


@pytest.mark.parametrize(
    ("subject", "name", "text"),
    [
        ("Mutasi 098-765-4321 November", "a.csv", statements.BNI),
        ("Mutasi", "BNI_0987654321_20261106.csv", statements.BNI),
        ("Mutasi", "a.sta", statements.MT940),
        ("Mutasi", "a.xml", statements.CAMT),
        ("Mutasi", "a.csv", statements.BCA.replace("0123456789", "0987654321")),
        ("Mutasi", "a.csv", statements.MANDIRI.replace("1370012345678", "0987654321")),
    ],
)
def test_the_account_stands_in_the_subject_the_name_or_the_file(server, account, subject, name, text):
    factories.bank_account(number="5554443332")
    put(server, email((name, text), subject=subject))
    tasks.poll_statements()
    assert StatementImport.objects.get().account == account
    assert StatementLine.objects.count() == 1


@pytest.mark.parametrize(
    ("subject", "problem"),
    [
        ("Mutasi", "Tidak ada nomor rekening toko ini"),
        ("Mutasi 0987654321 dan 5554443332", "Lebih dari satu rekening disebut"),
        ("Mutasi 10987654321", "Tidak ada nomor rekening toko ini"),
    ],
)
def test_where_not_exactly_one_account_fits_staff_has_to_say(server, account, subject, problem):
    factories.bank_account(number="5554443332")
    put(server, email(("a.csv", statements.BNI), subject=subject))
    assert tasks.poll_statements()["received"] == 1
    ((source, said),) = waiting()
    assert (source, problem in said) == ("a.csv", True), said
    assert not StatementLine.objects.exists()


def test_a_file_of_another_bank_account_waits_although_the_subject_is_ours(server, account):
    put(server, email(("a.sta", statements.MT940.replace("0987654321", "7776665554"))))
    tasks.poll_statements()
    assert "milik rekening 7776665554" in waiting()[0][1]
    assert not StatementLine.objects.exists()


@pytest.mark.parametrize("sender", [BANK, "Bank Kita <Mutasi@Bank.Example>", "apa.saja@layanan.example"])
def test_senders_on_the_list_are_opened(server, account, sender):
    put(server, email(("a.csv", statements.BNI), sender=sender))
    assert tasks.poll_statements()["received"] == 1


@pytest.mark.parametrize(
    "sender",
    [
        "orang@lain.example",
        "mutasi@bank.example.jahat.example",
        "x@anak.layanan.example",
        '"mutasi@bank.example" <orang@lain.example>',
        f"{BANK}, orang@lain.example",
        "",
    ],
)
def test_strangers_emails_are_left_unopened_and_do_not_come_again(server, account, sender):
    put(server, email(("a.csv", statements.BNI), sender=sender))
    assert tasks.poll_statements() == {"received": 0, "ignored": 1, "failed": 0}
    assert (server.seen, StatementImport.objects.count()) == ({"1"}, 0)


def test_an_email_does_no_more_than_bring_lines(server, account, customer):
    """Its sender may be forged: what it says pays nothing but by the rules for every statement."""
    invoice = shop.unpaid_invoice(customer)
    put(server, email(subject=f"0987654321 LUNAS {invoice.number} 150000"))
    assert tasks.poll_statements() == {"received": 0, "ignored": 1, "failed": 0}
    assert not Payment.objects.exists()


def test_other_attachments_are_left_alone(server, account):
    put(server, email(("logo.png", "x"), ("mutasi.pdf", "%PDF"), ("a.csv", statements.BNI)))
    tasks.poll_statements()
    assert [row.source for row in StatementImport.objects.all()] == ["a.csv"]


def test_several_attachments_each_go_to_their_account(server, account):
    other = factories.bank_account(number="5554443332")
    put(server, email(("0987654321.csv", statements.BNI), ("5554443332.csv", statements.BRI), subject="Mutasi"))
    tasks.poll_statements()
    assert {row.account for row in StatementImport.objects.all()} == {account, other}


def test_the_same_statement_by_mail_and_by_folder_and_again_is_one(server, account):
    delivery.deliver(name="x.csv", content=statements.BNI.encode(), road="folder", account=account)
    put(server, email(("a.csv", statements.BNI)), email(("b.csv", statements.BNI)))
    assert tasks.poll_statements()["received"] == 2
    assert (StatementImport.objects.count(), StatementLine.objects.count()) == (1, 1)


def test_a_connection_that_breaks_before_the_mark_takes_nothing_twice(server, account):
    put(server, email(("a.csv", statements.BNI)))
    server.breaks_at = "STORE"
    assert tasks.poll_statements() == {"received": 0, "ignored": 0, "failed": 1}
    server.breaks_at = ""
    assert tasks.poll_statements()["received"] == 1
    assert (StatementImport.objects.count(), StatementLine.objects.count()) == (1, 1)


def test_an_email_that_cannot_be_kept_stays_unseen_and_stops_no_other(server, account, monkeypatch):
    put(server, email(("a.csv", statements.BNI)), email(("b.csv", statements.BRI)))
    deliver = delivery.deliver

    def refuse_the_first(*, name, **arguments):
        if name == "a.csv":
            raise OSError("no space")
        return deliver(name=name, **arguments)

    monkeypatch.setattr(delivery, "deliver", refuse_the_first)
    assert tasks.poll_statements() == {"received": 1, "ignored": 0, "failed": 1}
    assert server.seen == {"2"}
    assert not JobRun.objects.get(name="poll-statements").succeeded


def test_a_file_or_an_email_that_is_too_large_is_told_to_staff(server, account, monkeypatch):
    put(server, email(("a.csv", "x" * 2_000)), email(("b.csv", statements.BNI)))
    monkeypatch.setattr("billing.bank.importing.MAX_BYTES", 1_000)
    server.sizes["2"] = mail.MAX_BYTES + 1
    tasks.poll_statements()
    assert [source for source, _problem in waiting()] == ["a.csv", "Mutasi rekening 0987654321"]
    assert "5 MB" in waiting()[0][1]
    assert "Email ini terlalu besar" in waiting()[1][1]


@pytest.mark.parametrize("fault", ["password", "folder", "search"])
def test_a_mailbox_that_cannot_be_asked_is_told_on_the_health_page(server, settings, account, fault):
    put(server, email(("a.csv", statements.BNI)))
    if fault == "password":
        server.password = "lain"
    elif fault == "folder":
        settings.STATEMENTS_MAILBOX = replace(ADDRESS, folder="Tidak ada")
    else:
        server.breaks_at = "SEARCH"
    assert tasks.poll_statements() == {"received": 0, "ignored": 0, "failed": 1}
    assert not JobRun.objects.get(name="poll-statements").succeeded


def test_a_header_that_breaks_the_rules_stops_nothing(server, account):
    raw = email(("a.csv", statements.BNI)).replace(b"Subject: Mutasi", b"Subject: =?utf-8?b?////?= \xff Mutasi")
    put(server, raw, email(("b.csv", statements.BRI)))
    report = tasks.poll_statements()
    assert (report["failed"], server.seen) == (0, {"1", "2"})
