"""Whether a PDF only shows something: one that runs or carries something is refused (RELIABILITY, uploads)."""

import io
import re
from collections.abc import Iterator

from pypdf import PdfReader
from pypdf.generic import ArrayObject, DictionaryObject, IndirectObject, NameObject

DANGEROUS = frozenset(
    {
        "/JavaScript",
        "/JS",
        "/Launch",
        "/EmbeddedFile",
        "/EmbeddedFiles",
        "/RichMedia",
        "/ImportData",
        "/SubmitForm",
        "/GoToE",
        "/XFA",
    }
)
# Longer names only: short ones turn up in compressed bytes by chance.
_IN_THE_OPEN = re.compile(rb"/(JavaScript|Launch|EmbeddedFile|RichMedia)")
_HEX_IN_NAME = re.compile(rb"#([0-9A-Fa-f]{2})")
MAX_OBJECTS = 50_000


class Refused(Exception):
    """This PDF is not taken."""


class Unreadable(Refused):
    """Broken, or made so that programs disagree on what it holds."""


class Locked(Refused):
    """It opens with a password only, so nobody can look inside."""


class Dangerous(Refused):
    """It runs a program, opens a file or carries one."""


def inspect(content: bytes) -> None:
    """Raises ``Locked``, ``Dangerous`` or ``Unreadable``; returns where the PDF is harmless."""
    if _IN_THE_OPEN.search(_HEX_IN_NAME.sub(lambda match: bytes([int(match[1], 16)]), content)):
        raise Dangerous
    try:
        reader = PdfReader(io.BytesIO(content), strict=False)
        if reader.is_encrypted and not reader.decrypt(""):
            raise Locked
        names = _names(reader)
        dangerous = any(name in DANGEROUS for name in names)
        pages = len(reader.pages)
    except Refused:
        raise
    # Whatever a crafted file makes the parser raise: what cannot be read is not taken.
    except Exception as error:
        raise Unreadable from error
    if dangerous:
        raise Dangerous
    if not pages:
        raise Unreadable


def _names(reader: PdfReader) -> Iterator[str]:
    """Every name in every object, also in those that no page refers to and in compressed object streams."""
    for number, generation in _object_ids(reader):
        yield from _names_in(reader.get_object(IndirectObject(number, generation, reader)))
    yield from _names_in(reader.trailer)


def _object_ids(reader: PdfReader) -> list[tuple[int, int]]:
    in_the_open = [(number, generation) for generation, table in reader.xref.items() for number in table if number]
    in_streams = [(number, 0) for number in reader.xref_objStm]
    if len(in_the_open) + len(in_streams) > MAX_OBJECTS:
        raise Unreadable
    return in_the_open + in_streams


def _names_in(value: object) -> Iterator[str]:
    """Without following references: each object is looked at once, by its number."""
    waiting = [value]
    while waiting:
        current = waiting.pop()
        if isinstance(current, NameObject):
            yield str(current)
        elif isinstance(current, DictionaryObject):
            yield from map(str, current.keys())
            waiting.extend(dict.values(current))
        elif isinstance(current, ArrayObject):
            waiting.extend(list.__iter__(current))
