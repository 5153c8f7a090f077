import pytest
from django.core.exceptions import ValidationError

from catalog import domains
from catalog.domains import Availability


@pytest.mark.parametrize(
    ("typed", "name"),
    [
        ("perusahaan.co.id", "perusahaan.co.id"),
        (" Perusahaan.CO.ID. ", "perusahaan.co.id"),
        ("kopi☕.example", None),
        ("bücher.example", "xn--bcher-kva.example"),
        ("xn--bcher-kva.example", "xn--bcher-kva.example"),
        ("faß.de", "xn--fa-hia.de"),
        ("例え.jp", "xn--r8jz45g.jp"),
        ("a.b.c.example", "a.b.c.example"),
    ],
)
def test_names_are_read_as_idna(typed, name):
    if name is None:
        with pytest.raises(ValidationError):
            domains.parse(typed)
    else:
        assert domains.parse(typed) == name


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "localhost",
        "toko",
        ".id",
        "toko..id",
        "-toko.id",
        "toko-.id",
        "to_ko.id",
        "toko .id",
        "https://toko.id",
        "toko.id/halaman",
        "nama@toko.id",
        "toko.id\nx.id",
        "1.2.3.4",
        f"{'a' * 64}.id",
        ".".join(["abcdefghij"] * 30) + ".id",
        "toko\x00.id",
        "\ud800.id",
    ],
)
def test_what_is_no_name_is_refused_with_an_example(typed):
    with pytest.raises(ValidationError, match=r"Isi nama domain, contoh: perusahaan\.co\.id"):
        domains.parse(typed)


def test_the_longest_extension_is_split_off():
    assert domains.split_extension("toko.co.id", [".id", ".co.id"]) == ("toko", ".co.id")
    assert domains.split_extension("co.id", [".id", ".co.id"]) == ("co", ".id")
    assert domains.split_extension("www.toko.id", [".id"]) == ("www.toko", ".id")
    assert domains.split_extension("toko.org", [".id"]) is None


def test_without_a_registrar_availability_is_looked_up_after_ordering():
    answer = domains.registrar().availability("toko.id")

    assert answer is Availability.CHECKED_LATER
    assert str(answer.value) == "Ketersediaan diperiksa setelah pemesanan"
