"""What a person wrote, and what their mail program put below it."""

import time

import pytest

from tickets.quotes import newest_part, text_of_html

QUOTES = {
    "gmail, Indonesian": "Pada tanggal Sen, 23 Nov 2026 pukul 10.00 Nusa <tiket@nusa.example> menulis:\n\n> Halo",
    "gmail, wrapped": "Pada Sen, 23 Nov 2026 10.00 Nusa Layanan Digital\n<reply+t-1.abc@nusa.example> menulis:\n> Halo",
    "gmail, English": "On Mon, Nov 23, 2026 at 10:00 AM Nusa <tiket@nusa.example> wrote:\n\n> Hello",
    "outlook, Indonesian": "_" * 32 + "\nDari: Nusa\nDikirim: Senin\nKepada: Sari\nPerihal: x\n\nHalo",
    "outlook, English": "-----Original Message-----\nFrom: Nusa\nSent: Monday\nTo: Sari\nSubject: x\n\nHello",
    "nothing but signs": "> Halo\n> apa kabar",
}


@pytest.mark.parametrize("quote", QUOTES.values(), ids=QUOTES)
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_the_quote_below_is_cut_off(quote, end):
    text = f"Sudah bisa.\n\n- satu\n    kode\n\n{quote}\n".replace("\n", end)
    assert newest_part(text) == "Sudah bisa.\n\n- satu\n    kode"


@pytest.mark.parametrize(
    "text",
    [
        "> Kapan?\nBesok.\n> Pukul berapa?\nSepuluh.",
        "On Mon, Nov 23, 2026 at 10:00 Nusa <a@b.example> wrote:\n> Kapan?\n\nBesok.",
        "Dari: kantor kami, terima kasih.",
        "Halo\n\nSalam,\nSari",
        "> hanya kutipan",
        "a\n" * 3000 + "b",
    ],
)
def test_what_is_written_below_or_between_quotes_is_kept_whole(text):
    assert newest_part(text) == text


@pytest.mark.parametrize("text", ["", "\n\n", "   "])
def test_nothing_is_nothing(text):
    assert newest_part(text) == ""


@pytest.mark.parametrize(
    "text",
    [
        "On " + "a" * 200_000,
        ("Pada " + "a " * 97 + "\n") * 1000,
        "Dari: x\n\n" * 20_000,
        "> " * 100_000,
        "_" * 200_000,
        ("_" * 40 + "\n\n") * 5000,
    ],
)
def test_a_hostile_text_takes_no_long_time(text):
    start = time.process_time()
    newest_part(text)
    assert time.process_time() - start < 10


def test_html_is_read_as_its_reader_sees_it_without_quotes():
    source = (
        "<style>p{color:red}</style><p>Baris <b>satu</b><br>baris&nbsp;dua &lt;3</p>"
        "<div class=gmail_quote>Pada Sen, Nusa menulis:<blockquote>lama</blockquote></div>"
    )
    assert text_of_html(source) == "Baris satu\nbaris dua <3\n\nPada Sen, Nusa menulis:"
