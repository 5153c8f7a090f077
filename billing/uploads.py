"""Files that people send: decided by content and name together, made harmless, stored under names nobody can guess.

Everything here runs before the database transaction: looking into pictures and PDFs takes time.
"""

import hashlib
import io
import logging
import re
import unicodedata
import uuid
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import PurePosixPath

from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext as _
from PIL import Image, ImageOps, UnidentifiedImageError

from billing import pdf_safety

logger = logging.getLogger(__name__)

MEGABYTE = 1024 * 1024
MAX_BYTES = 5 * MEGABYTE
MAX_PIXELS = 25_000_000
LONGEST_NAME = 120


@dataclass(frozen=True)
class Kind:
    """``magic`` is how the content begins; ``image_format`` is Pillow's name for a kind that is re-encoded."""

    name: str
    content_type: str
    extensions: tuple[str, ...]
    magic: re.Pattern[bytes]
    image_format: str = ""

    def recognises(self, content: bytes) -> bool:
        return bool(self.magic.match(content))


@dataclass(frozen=True)
class TextKind(Kind):
    """Plain text has no mark of its own: it is UTF-8, and holds nothing that a terminal or browser would act on."""

    def recognises(self, content: bytes) -> bool:
        try:
            content.decode("utf-8")
        except UnicodeDecodeError:
            return False
        return self.magic.search(content) is None


JPEG = Kind("JPEG", "image/jpeg", ("jpg", "jpeg"), re.compile(rb"\xff\xd8\xff"), "JPEG")
PNG = Kind("PNG", "image/png", ("png",), re.compile(rb"\x89PNG\r\n\x1a\n"), "PNG")
WEBP = Kind("WebP", "image/webp", ("webp",), re.compile(rb"RIFF....WEBP", re.DOTALL), "WEBP")
PDF = Kind("PDF", "application/pdf", ("pdf",), re.compile(rb"%PDF-\d"))
# ``magic`` is what plain text does not hold: control characters but tab, line feed, form feed and carriage return.
TEXT = TextKind("TXT, LOG, CSV", "text/plain", ("txt", "log", "csv"), re.compile(rb"[\x00-\x08\x0b\x0e-\x1f\x7f]"))
# What proves a payment (K1).
PROOFS = (JPEG, PNG, WEBP, PDF)
# What comes with a question (Q3). No archives: what is in them cannot be checked.
ATTACHMENTS = (*PROOFS, TEXT)


@dataclass(frozen=True)
class AcceptedFile:
    """``content`` is what is stored; ``sent_sha256`` is of what was sent, to know the same picture again (K5)."""

    name: str
    content: bytes
    content_type: str
    sha256: str
    sent_sha256: str

    @property
    def size(self) -> int:
        return len(self.content)

    @property
    def extension(self) -> str:
        return PurePosixPath(self.name).suffix


class CannotStore(Exception):
    """The storage is full or broken; nothing of the upload was kept."""

    def __init__(self) -> None:
        super().__init__(_("Berkas belum dapat disimpan karena gangguan di pihak kami. Coba lagi beberapa menit lagi."))


def accept(uploaded: UploadedFile, *, kinds: Collection[Kind] = PROOFS, max_bytes: int = MAX_BYTES) -> AcceptedFile:
    """Check one file and make it harmless. Raises ``ValidationError`` with what to do about it.

    The content and the extension must name the same one of ``kinds``. Pictures are drawn anew, which leaves out everything
    that is no picture; PDFs that run or carry something are refused; text stays as it is.
    """
    name = clean_name(uploaded.name or "")
    sent = _read(uploaded, name, max_bytes)
    kind = _kind_of(name, sent, kinds)
    content = _made_harmless(sent, kind, name)
    return AcceptedFile(
        name=name,
        content=content,
        content_type=kind.content_type,
        sha256=hashlib.sha256(content).hexdigest(),
        sent_sha256=hashlib.sha256(sent).hexdigest(),
    )


def _made_harmless(sent: bytes, kind: Kind, name: str) -> bytes:
    if kind.image_format:
        return _redraw(sent, kind, name)
    return _inspected_pdf(sent, name) if kind is PDF else sent


def clean_name(name: str) -> str:
    """The name as it may be shown: NFKC, without control and format characters, without folders, not too long."""
    visible = "".join(char for char in unicodedata.normalize("NFKC", name) if unicodedata.category(char)[0] != "C")
    last = re.split(r"[/\\]", " ".join(visible.split()))[-1].strip()
    stem, dot, extension = last.rpartition(".")
    return f"{stem[: LONGEST_NAME - len(extension) - 1]}{dot}{extension}" if dot else last[:LONGEST_NAME]


def _read(uploaded: UploadedFile, name: str, max_bytes: int) -> bytes:
    too_big = ValidationError(
        _("%(name)s terlalu besar. Kirim berkas paling besar %(most)d MB."),
        code="too_big",
        params={"name": name, "most": max_bytes // MEGABYTE},
    )
    if (uploaded.size or 0) > max_bytes:
        raise too_big
    uploaded.seek(0)
    content = uploaded.read(max_bytes + 1)
    if len(content) > max_bytes:
        raise too_big
    if not content:
        raise ValidationError(_("%(name)s kosong. Pilih berkas lain."), code="empty", params={"name": name})
    return content


def _kind_of(name: str, content: bytes, kinds: Collection[Kind]) -> Kind:
    extension = PurePosixPath(name).suffix.lower().lstrip(".")
    kind = next((one for one in kinds if one.recognises(content)), None)
    if kind is None or not PurePosixPath(name).stem:
        raise ValidationError(
            _("%(name)s bukan jenis berkas yang diterima. Kirim %(kinds)s."),
            code="wrong_kind",
            params={"name": name or _("Berkas"), "kinds": ", ".join(one.name for one in kinds)},
        )
    if extension not in kind.extensions:
        raise ValidationError(
            _("Isi %(name)s adalah %(kind)s, tetapi namanya lain. Ubah akhirannya menjadi .%(extension)s."),
            code="name_does_not_fit",
            params={"name": name, "kind": kind.name, "extension": kind.extensions[0]},
        )
    return kind


def _redraw(content: bytes, kind: Kind, name: str) -> bytes:
    """The first frame of the picture, turned upright and without its metadata."""
    try:
        with Image.open(io.BytesIO(content), formats=[kind.image_format]) as image:
            if image.width * image.height > MAX_PIXELS:
                raise ValidationError(
                    _("%(name)s terlalu besar: kirim gambar paling besar 25 megapiksel."),
                    code="too_many_pixels",
                    params={"name": name},
                )
            image.load()
            upright = ImageOps.exif_transpose(image)
            return _encode(upright, kind)
    except (UnidentifiedImageError, Image.DecompressionBombError, OSError, SyntaxError, ValueError, EOFError) as error:
        raise ValidationError(
            _("%(name)s tidak dapat dibuka. Kirim gambar lain atau tangkapan layar."),
            code="broken",
            params={"name": name},
        ) from error


def _encode(image: Image.Image, kind: Kind) -> bytes:
    plain = image.convert("RGB" if kind is JPEG or not image.has_transparency_data else "RGBA")
    # A new image: what hung on the old one (EXIF, text, profiles) is not written along.
    fresh = Image.new(plain.mode, plain.size)
    fresh.paste(plain)
    written = io.BytesIO()
    fresh.save(written, format=kind.image_format, **({} if kind is PNG else {"quality": 88}))
    return written.getvalue()


def _inspected_pdf(content: bytes, name: str) -> bytes:
    try:
        pdf_safety.inspect(content)
    except pdf_safety.Locked as error:
        raise ValidationError(
            _("%(name)s terkunci kata sandi. Kirim PDF tanpa kata sandi atau tangkapan layarnya."),
            code="locked",
            params={"name": name},
        ) from error
    except pdf_safety.Dangerous as error:
        raise ValidationError(
            _("%(name)s berisi program atau lampiran, jadi tidak kami terima. Kirim tangkapan layarnya."),
            code="dangerous",
            params={"name": name},
        ) from error
    except pdf_safety.Unreadable as error:
        raise ValidationError(
            _("%(name)s tidak dapat dibuka. Kirim PDF lain atau tangkapan layarnya."),
            code="broken",
            params={"name": name},
        ) from error
    return content


@contextmanager
def stored(files: Sequence[AcceptedFile], folder: str) -> Iterator[list[str]]:
    """Store the files under random names and keep them only if the block succeeds.

    Open the transaction inside it: the files are there before the rows are, and are gone again where the rows are refused.
    Raises ``CannotStore``.
    """
    names: list[str] = []
    try:
        for file in files:
            names.append(f"{folder}/{uuid.uuid4().hex}{file.extension.lower()}")
            _store(names[-1], file)
        yield names
    except BaseException:
        for name in names:
            _discard(name)
        raise


def _store(name: str, file: AcceptedFile) -> None:
    try:
        default_storage.save(name, ContentFile(file.content))
    # Each storage has errors of its own: a full disk is an OSError, an unreachable S3 is not.
    except Exception as error:
        logger.exception("An upload could not be stored")
        raise CannotStore from error


def _discard(name: str) -> None:
    try:
        default_storage.delete(name)
    except Exception:
        # ``orphans`` removes it another day.
        logger.exception("A file of a refused upload could not be removed: %s", name)
