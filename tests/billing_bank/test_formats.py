"""U2, MO3: statements as BCA, Mandiri, BNI and BRI export them, MT940 and CAMT.053, read to the same rows."""

from datetime import date
from decimal import Decimal

import pytest

from billing.bank import importing, tables
from billing.bank.rows import Row, StatementError
from billing.bank.tables import Columns
from billing.models import BankAccount
from tests.billing_bank import statements

ACCOUNT = BankAccount(bank="BCA", number="012", holder="PT Nusa")


def rows(text: str | bytes, columns: Columns | None = None) -> list[tuple]:
    content = text.encode() if isinstance(text, str) else text
    return [(row.booked_on, row.amount) for row in importing.read(content, ACCOUNT, columns).rows]


def test_bca_takes_the_year_from_the_period_and_leaves_out_what_is_not_booked_yet():
    read = importing.read(statements.BCA.encode(), ACCOUNT).rows

    assert read == [
        Row(
            date(2026, 11, 3),
            Decimal(150_017),
            "TRSF E-BANKING CR 0311/FTSCY/WS95031 150017.00INV 2026 11 00042 BUDI",
            balance=Decimal(1_150_017),
        ),
        Row(date(2026, 11, 4), Decimal(-15_000), "BIAYA ADM", balance=Decimal(1_135_017)),
    ]


def test_mandiri_has_columns_for_both_directions_and_one_heading_twice():
    assert rows(statements.MANDIRI) == [
        (date(2026, 11, 5), Decimal(1_110_000)),
        (date(2026, 11, 5), Decimal(-2_500)),
    ]
    first = importing.read(statements.MANDIRI.encode(), ACCOUNT).rows[0]
    assert first.text == "MCM InhouseTrf DARI PT MAJU JAYA INV/2026/11/00043 FT261105"


def test_bni_writes_dots_between_thousands_and_says_the_direction_beside():
    read = importing.read(statements.BNI.encode(), ACCOUNT).rows

    assert [(row.amount, row.bank_id) for row in read] == [(330_225, "102938"), (-1_000, "102939")]
    assert read[0].booked_on == date(2026, 11, 6)


def test_bri_separates_by_tabs_and_writes_the_year_short():
    assert rows(statements.BRI) == [(date(2026, 11, 7), Decimal(275_000))] * 2


def test_mt940_gives_the_banks_reference_and_the_remittance():
    read = importing.read(statements.MT940.encode(), ACCOUNT).rows

    assert [(row.booked_on, row.amount, row.bank_id) for row in read] == [
        (date(2026, 11, 8), Decimal(330_225), "8765432"),
        (date(2026, 11, 8), Decimal(-6_500), "8765433"),
    ]
    assert "INV/2026/11/00044" in read[0].text


def test_camt053_gives_payer_and_remittance_and_leaves_out_what_is_pending():
    read = importing.read(statements.CAMT.encode(), ACCOUNT).rows

    assert read == [
        Row(
            date(2026, 11, 9),
            Decimal(450_000),
            "Pelunasan INV/2026/11/00045",
            payer="PT MAJU JAYA",
            bank_id="REF-1",
        ),
        Row(date(2026, 11, 9), Decimal(-25_000), "", bank_id="REF-2"),
    ]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_every_encoding_that_banks_and_spreadsheets_write_is_read(encoding):
    read = importing.read(statements.BNI.replace("BUDI", "ANDRÉ").encode(encoding), ACCOUNT).rows

    assert read[0].text == "TRF/PAY/TOP-UP ECHANNEL | ANDRÉ"


def test_an_unknown_layout_is_shown_as_a_table_to_map():
    text = "Hari,Isi,Masuk,Keluar\n3/11/2026,Dari Budi,150000,\n4/11/2026,Biaya,,1000\n"

    unread = importing.read(text.encode(), ACCOUNT)
    assert (unread.rows, unread.table.headings) == ((), ("Hari", "Isi", "Masuk", "Keluar"))

    mapped = Columns(date="Hari", text=("Isi",), credit="Masuk", debit="Keluar")
    assert rows(text, mapped) == [(date(2026, 11, 3), Decimal(150_000)), (date(2026, 11, 4), Decimal(-1_000))]


def test_a_nul_that_no_database_keeps_is_left_out():
    read = importing.read(statements.BNI.replace("BUDI", "BU\x00DI").encode(), ACCOUNT).rows

    assert read[0].text == "TRF/PAY/TOP-UP ECHANNEL | BUDI"


def test_what_cannot_be_read_names_its_row_and_is_never_guessed():
    text = statements.BNI.replace("1.000,00;D", "1.0,5;D")

    with pytest.raises(StatementError, match=r"3.*1\.0,5"):
        importing.read(text.encode(), ACCOUNT)


@pytest.mark.parametrize(
    "content",
    [b"", b"Halo dunia", b"\x89PNG\r\n", b"a,b\n1,2\n", b'Tanggal;Keterangan;Jumlah\n1/1/2026;"' + b"x" * 200_000],
)
def test_what_is_no_statement_is_refused(content):
    with pytest.raises(StatementError):
        importing.read(content, ACCOUNT)


def test_xml_that_declares_entities_is_refused_unread():
    evil = statements.CAMT.replace(
        "<Document", '<!DOCTYPE d [<!ENTITY x SYSTEM "file:///etc/passwd">]><Document', 1
    ).replace("PT MAJU JAYA", "&x;")

    with pytest.raises(StatementError, match="deklarasi"):
        importing.read(evil.encode(), ACCOUNT)


def test_columns_survive_being_kept():
    for columns in tables.KNOWN.values():
        assert Columns.from_json(columns.to_json()) == columns


def test_equal_transfers_are_two_and_the_same_file_says_the_same_keys():
    read = importing.read(statements.BRI.replace("2550000", "2275000").encode(), ACCOUNT).rows

    keys = list(importing.keys(read))
    assert len(set(keys)) == 2
    assert list(importing.keys(read)) == keys
    assert list(importing.keys(read[1:])) == keys[:1]
