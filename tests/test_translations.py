"""Both languages are complete: every text has its English, and what is compiled is what was written."""

import ast
import gettext
import re
from string import Formatter

import pytest

from tests import messages

LOCALE = messages.ROOT / "locale"
ENGLISH = LOCALE / "en" / "LC_MESSAGES" / "django.po"
LANGUAGES = ["en", "id"]
_PERCENT = re.compile(r"%\((\w+)\)[sd]|%[sd]")


def _po(language: str) -> list[messages.Entry]:
    return messages.of_po(LOCALE / language / "LC_MESSAGES" / "django.po")


def test_every_text_of_the_sources_is_in_the_english_file_and_nothing_else():
    """``manage.py makemessages -l en --no-location --no-wrap`` brings the file up to date."""
    listed = {entry.message for entry in messages.of_po(ENGLISH)}
    sources = messages.in_the_sources()
    assert (sources - listed, listed - sources) == (set(), set())


def test_gettext_is_called_by_a_name_that_its_programs_know():
    """They look for names: what is called by another, such as ``__``, stays in Indonesian."""
    renamed = {
        f"{path.relative_to(messages.ROOT)}: {name.name} as {name.asname}"
        for folder in messages.CODE
        for path in (messages.ROOT / folder).rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.ImportFrom) and node.module == "django.utils.translation"
        for name in node.names
        if name.name in messages.FUNCTIONS and name.asname not in {None, "_"}
    }
    assert renamed == set()


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_text_is_translated(language):
    open_ones = [entry.message.text for entry in _po(language) if entry.fuzzy or not all(entry.translations)]
    assert open_ones == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_text_stands_twice(language):
    texts = [entry.message for entry in _po(language)]
    assert len(texts) == len(set(texts))


def _values(text: str) -> set[str]:
    """The names of the values that a text takes, of both kinds of format."""
    named = {name or "%" for name in _PERCENT.findall(text)}
    try:
        named |= {name for _text, name, _spec, _conversion in Formatter().parse(text) if name and name.isidentifier()}
    except ValueError:
        # Braces of another kind, such as those of a pattern.
        return named
    return named


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_translation_takes_the_same_values(language):
    different = {
        entry.message.text: text
        for entry in _po(language)
        for text in entry.translations
        if _values(text) != _values(entry.message.text)
    }
    assert different == {}


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_compiled_file_is_the_written_one(language):
    """The .mo files are kept beside the .po files, so that a new machine needs no gettext; they must not fall behind."""
    path = LOCALE / language / "LC_MESSAGES" / "django.mo"
    with path.open("rb") as compiled:
        catalogue = gettext.GNUTranslations(compiled)._catalog
    catalogue.pop("", None)
    assert catalogue == messages.catalogue_of(_po(language))


def test_no_english_text_is_left_in_indonesian():
    """Words that only Indonesian has; names, such as NPWP, are the same in both."""
    indonesian = re.compile(r"\b(yang|untuk|dengan|tidak|tagihan|layanan|Anda|belum|sudah|dari|pada)\b")
    left = [text for entry in messages.of_po(ENGLISH) for text in entry.translations if indonesian.search(text)]
    assert left == []
