"""The text of a QRIS code: read, refused, and made to ask for an amount."""

import string
from decimal import Decimal

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from billing import qr_codes, qris

# Published by their merchants or in the documentation of libraries.
BAZNAS = (
    "00020101021126550016ID.CO.SHOPEE.WWW01189360091800000000180202180303UBE51440014ID.CO.QRIS.WWW0215ID20190022915550303UBE"
    "5204839853033605802ID5906Baznas6013Jakarta Pusat61051034062070703A016304A402"
)
AHASS = (
    "00020101021126640018ID.CO.ASTRAPAY.WWW011893600822321000024002092100002400303UBE51440014ID.CO.QRIS.WWW"
    "0215ID20210662463920303UBE5204581253033605802ID5915AHASS TDM Natar6007Jakarta61054433562080704AP0163042702"
)
WARUNG = (
    "00020101021126570011ID.DANA.WWW011893600915302259148102090225914810303UMI51440014ID.CO.QRIS.WWW0215ID10200176114730303UMI"
    "5204581253033605802ID5922Warung Sayur Bu Sugeng6010Kab. Demak610559567630458C7"
)
AIYA = (
    "00020101021126610014COM.GO-JEK.WWW01189360091431999512000210G1999512000303UMI51440014ID.CO.QRIS.WWW0215ID10254602759650303UMI"
    "5204549953033605802ID5908aiyashop6006MANADO61059525162070703A0163047950"
)


@pytest.mark.parametrize(
    ("text", "merchant", "city", "nmid", "acquirer"),
    [
        (BAZNAS, "Baznas", "Jakarta Pusat", "ID2019002291555", "SHOPEE"),
        (AHASS, "AHASS TDM Natar", "Jakarta", "ID2021066246392", "ASTRAPAY"),
        (WARUNG, "Warung Sayur Bu Sugeng", "Kab. Demak", "ID1020017611473", "DANA"),
        (AIYA, "aiyashop", "MANADO", "ID1025460275965", "GO-JEK"),
    ],
)
def test_a_published_code_tells_whose_it_is(text, merchant, city, nmid, acquirer):
    code = qris.read(text)
    assert (code.merchant, code.city, code.nmid, code.acquirer) == (merchant, city, nmid, acquirer)
    assert (code.is_dynamic, code.asks_for_tip) == (False, False)


def test_a_code_that_was_pasted_with_line_breaks_around_and_inside_is_joined():
    assert qris.read(f"\n  {WARUNG[:80]}\r\n{WARUNG[80:]} \n").text == WARUNG


def test_the_amount_comes_into_its_place_and_everything_else_stays():
    asked = qris.with_amount(WARUNG, Decimal("150123.00"))
    assert asked == (
        "00020101021226570011ID.DANA.WWW011893600915302259148102090225914810303UMI51440014ID.CO.QRIS.WWW"
        "0215ID10200176114730303UMI52045812530336054061501235802ID5922Warung Sayur Bu Sugeng6010Kab. Demak610559567630489E3"
    )
    before, after = qris.parse(WARUNG), qris.parse(asked)
    assert after == before | {"01": "12", "54": "150123"}
    assert list(after) == sorted(after)


def test_the_invoice_number_becomes_the_bill_number_beside_what_stands_there():
    asked = qris.parse(qris.with_amount(AHASS, Decimal(5_000), "INV/2026/11/00001"))
    assert asked["62"] == "0117INV/2026/11/000010704AP01"
    assert qris.parse(qris.with_amount(WARUNG, Decimal(5_000), "INV-1"))["62"] == "0105INV-1"


@pytest.mark.parametrize(
    ("additional", "reference"),
    [
        ("0103ABC", "INV-1"),
        ("0703A01", "I" * 26),
        ("0703A01", "TAGIHAN É"),
        ("0703A01", ""),
        (f"0889{'x' * 89}", "INV-123"),
        ("kartu", "INV-1"),
    ],
)
def test_a_bill_number_that_is_taken_or_does_not_fit_is_left_out(additional, reference):
    text = qris.build(qris.parse(WARUNG) | {"62": additional})
    assert qris.parse(qris.with_amount(text, Decimal(5_000), reference))["62"] == additional


def test_a_bill_number_that_the_payer_would_be_asked_for_is_filled_in():
    text = qris.build(qris.parse(WARUNG) | {"62": "0103***"})
    assert qris.parse(qris.with_amount(text, Decimal(5_000), "INV-1"))["62"] == "0105INV-1"


@pytest.mark.parametrize("tip", [{"55": "01"}, {"55": "02", "56": "2500"}, {"55": "03", "57": "5"}])
def test_a_tip_is_seen_and_never_asked_for_on_top_of_an_invoice(tip):
    text = qris.build(qris.parse(WARUNG) | tip)
    assert qris.read(text).asks_for_tip
    assert qris.with_amount(text, Decimal(5_000)) == qris.with_amount(WARUNG, Decimal(5_000))


@pytest.mark.parametrize("amount", ["0", "-1", "100.50"])
def test_an_amount_that_rupiah_cannot_be_is_refused(amount):
    with pytest.raises(ValueError, match="cannot ask"):
        qris.with_amount(WARUNG, Decimal(amount))


def _with(**fields: str) -> str:
    """The warung's code with other fields, each named ``f54`` for the field 54; an empty one is left out."""
    changed = qris.parse(WARUNG) | {name[1:]: value for name, value in fields.items()}
    return qris.build({tag: value for tag, value in changed.items() if value})


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", qris.NOT_QRIS),
        ("https://example.com/menu", qris.NOT_QRIS),
        ("8810057", qris.NOT_QRIS),
        ("000201", qris.NOT_WHOLE),
        (WARUNG[:-1], qris.NOT_WHOLE),
        (WARUNG + "0", qris.NOT_WHOLE),
        (WARUNG[:-4] + "58c7", qris.NOT_WHOLE),
        (WARUNG.replace("Demak", "Dem"), qris.NOT_WHOLE),
        (WARUNG.replace("Bu Sugeng", "Bú Sugeng"), qris.NOT_WHOLE),
        (WARUNG[:-8] + WARUNG[6:12] + WARUNG[-8:], qris.NOT_WHOLE),
        (_with(f53="840"), qris.NOT_INDONESIAN),
        (_with(f53=""), qris.NOT_INDONESIAN),
        (_with(f58="SG"), qris.NOT_INDONESIAN),
        (_with(f26="0011SG.PAYNOW01", f51=""), qris.NOT_INDONESIAN),
        (_with(f26="", f51=""), qris.NOT_INDONESIAN),
        (qris.with_amount(WARUNG, Decimal(5_000)), qris.FOR_ONE_PAYMENT),
        (_with(f01="12"), qris.FOR_ONE_PAYMENT),
        (_with(f54="5000"), qris.FOR_ONE_PAYMENT),
    ],
)
def test_what_is_no_static_code_of_this_country_is_refused_in_words(text, words):
    with pytest.raises(qris.CannotRead) as refused:
        qris.read(text)
    assert refused.value.words == words


def test_a_code_without_point_of_initiation_or_national_template_is_static_and_domestic():
    code = qris.read(_with(f01="", f51=""))
    assert (code.merchant, code.nmid, code.acquirer) == ("Warung Sayur Bu Sugeng", "", "DANA")


def test_what_no_code_can_ask_for_says_so():
    scan = qris.Scan(qris.Code(WARUNG), Decimal(10_000_000), "IDR")
    assert scan.refusal == ""
    assert "Rp10.000.000" in scan.asking(Decimal(10_000_001)).refusal
    assert "rupiah" in qris.Scan(qris.Code(WARUNG), Decimal(10), "USD").refusal


_TEXT = st.text(alphabet=[chr(number) for number in range(0x20, 0x7F)], min_size=1, max_size=99)
_TAGS = st.integers(1, 99).filter(lambda number: number != 63).map("{:02}".format)
_FIELDS = st.dictionaries(_TAGS, _TEXT, max_size=12).map(lambda fields: fields | {"00": "01"})


@given(_FIELDS)
def test_what_is_built_is_read_again(fields):
    assert qris.parse(qris.build(fields)) == fields


@given(_FIELDS)
def test_a_text_in_ascending_order_is_built_again_letter_by_letter(fields):
    text = qris.build(fields)
    assert qris.build(qris.parse(text)) == text


@given(st.sampled_from([BAZNAS, AHASS, WARUNG, AIYA]), st.data())
def test_any_single_altered_character_is_refused(text, data):
    at = data.draw(st.integers(0, len(text) - 1))
    other = data.draw(st.sampled_from(string.printable + "É٣"))
    assume(other != text[at])
    altered = text[:at] + other + text[at + 1 :]
    with pytest.raises(qris.CannotRead):
        qris.parse(altered)
    with pytest.raises(qris.CannotRead):
        qris.read(altered)


@given(_FIELDS, st.integers(1, 10**12), st.text(max_size=30))
def test_asking_for_an_amount_changes_nothing_else(fields, amount, reference):
    asked = qris.parse(qris.with_amount(qris.build(fields), Decimal(amount), reference))
    assert (asked["01"], asked["54"]) == ("12", str(amount))
    kept = {"01", "54", "55", "56", "57", "62"}
    assert {tag: value for tag, value in asked.items() if tag not in kept} == {
        tag: value for tag, value in fields.items() if tag not in kept
    }
    # Asking again, as a page that is loaded twice does, is the same.
    assert qris.with_amount(qris.build(asked), Decimal(amount), reference) == qris.build(asked)


def test_the_drawing_is_the_library_s_code_with_its_quiet_zone():
    drawn = qr_codes.drawing(WARUNG)
    symbol = qr_codes.symbol(WARUNG)
    dark = sum(int(run.split("h")[1]) for run in drawn.path.split("M") if run)
    assert (drawn.size, dark) == (len(symbol.matrix) + 8, sum(map(sum, symbol.matrix)))
    assert drawn.path.startswith("M4 4.5h7")


def test_the_picture_is_a_png_of_the_same_code():
    assert qr_codes.png(WARUNG).startswith(b"\x89PNG")
