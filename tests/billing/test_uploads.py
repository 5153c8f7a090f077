import errno
import hashlib
import io
import zlib

import pytest
from django.core.exceptions import ValidationError
from django.core.files.storage import FileSystemStorage, default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image
from pypdf import PdfReader, PdfWriter
from pypdf.generic import DictionaryObject, NameObject, TextStringObject

from billing import uploads
from billing.models import PaymentConfirmation
from tests.billing.shop import confirm, picture, unpaid_invoice


def encoded(image_format: str, size: tuple[int, int] = (30, 20), mode: str = "RGB", **options) -> bytes:
    written = io.BytesIO()
    Image.new(mode, size).save(written, format=image_format, **options)
    return written.getvalue()


def pdf(change=None) -> bytes:
    writer = PdfWriter()
    writer.add_blank_page(100, 100)
    if change:
        change(writer)
    written = io.BytesIO()
    writer.write(written)
    return written.getvalue()


def sent(content: bytes, name: str) -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content)


def refusal_of(content: bytes, name: str) -> str:
    with pytest.raises(ValidationError) as refusal:
        uploads.accept(sent(content, name))
    return refusal.value.code


@pytest.mark.parametrize(
    ("content", "name", "content_type"),
    [
        (encoded("JPEG"), "bukti.JPG", "image/jpeg"),
        (encoded("PNG"), "bukti.png", "image/png"),
        (encoded("WEBP"), "bukti.webp", "image/webp"),
        (pdf(), "bukti.pdf", "application/pdf"),
    ],
)
def test_uploads_of_each_kind_are_accepted(content, name, content_type):
    accepted = uploads.accept(sent(content, name))
    assert (accepted.name, accepted.content_type, accepted.size) == (name, content_type, len(accepted.content))
    assert accepted.sha256 == hashlib.sha256(accepted.content).hexdigest()
    assert accepted.sent_sha256 == hashlib.sha256(content).hexdigest()


@pytest.mark.parametrize(
    ("content", "name", "code"),
    [
        (b"GIF89a" + bytes(50), "bukti.gif", "wrong_kind"),
        (b"<html><script>", "bukti.png", "wrong_kind"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "bukti.svg", "wrong_kind"),
        (encoded("PNG"), "bukti.jpg", "name_does_not_fit"),
        (encoded("PNG"), "bukti.php", "name_does_not_fit"),
        (encoded("PNG"), "bukti", "name_does_not_fit"),
        (encoded("PNG"), "bukti\u202egnp.exe", "name_does_not_fit"),
        (encoded("PNG"), "bukti.png.", "name_does_not_fit"),
        (pdf(), "bukti.png", "name_does_not_fit"),
        (b"", "bukti.png", "empty"),
        (encoded("PNG")[:40], "bukti.png", "broken"),
        (b"\xff\xd8\xff" + bytes(100), "bukti.jpg", "broken"),
        (b"%PDF-1.7\nnothing", "bukti.pdf", "broken"),
        (encoded("PNG") + bytes(uploads.MAX_BYTES), "bukti.png", "too_big"),
    ],
)
def test_uploads_that_are_not_what_they_say_are_refused(content, name, code):
    assert refusal_of(content, name) == code


def test_uploads_of_more_than_25_megapixels_are_refused_before_they_are_decoded():
    """A bomb: few bytes, 400 megapixels; only its header may be read."""
    header = b"IHDR" + (20_000).to_bytes(4, "big") * 2 + b"\x08\x00\x00\x00\x00"
    png = b"\x89PNG\r\n\x1a\n" + b"\x00\x00\x00\x0d" + header + zlib.crc32(header).to_bytes(4, "big")
    data = zlib.compress(bytes(1000))
    body = b"IDAT" + data
    png += len(data).to_bytes(4, "big") + body + zlib.crc32(body).to_bytes(4, "big")
    assert refusal_of(png, "bukti.png") in {"too_many_pixels", "broken"}
    assert refusal_of(encoded("PNG", size=(5001, 5000)), "bukti.png") == "too_many_pixels"
    assert uploads.accept(sent(encoded("PNG", size=(5000, 5000)), "bukti.png")).size


def test_uploads_lose_what_is_no_picture():
    html = b"<script>alert(1)</script>"
    exif = Image.Exif()
    exif[0x010E] = html.decode()
    accepted = uploads.accept(sent(encoded("JPEG", exif=exif) + html, "bukti.jpg"))
    assert b"script" not in accepted.content
    assert len(Image.open(io.BytesIO(accepted.content)).getexif()) == 0


def test_uploads_are_turned_upright():
    exif = Image.Exif()
    exif[0x0112] = 6
    accepted = uploads.accept(sent(encoded("JPEG", size=(30, 20), exif=exif), "bukti.jpg"))
    assert Image.open(io.BytesIO(accepted.content)).size == (20, 30)


def test_uploads_keep_transparency():
    accepted = uploads.accept(sent(encoded("PNG", mode="RGBA"), "bukti.png"))
    assert Image.open(io.BytesIO(accepted.content)).mode == "RGBA"


def _javascript(writer: PdfWriter) -> None:
    action = {NameObject("/S"): NameObject("/JavaScript"), NameObject("/JS"): TextStringObject("app.alert(1)")}
    writer.root_object[NameObject("/OpenAction")] = writer._add_object(DictionaryObject(action))


def _attachment(writer: PdfWriter) -> None:
    writer.add_attachment("program.exe", b"MZ")


def _launch(writer: PdfWriter) -> None:
    action = DictionaryObject({NameObject("/S"): NameObject("/Launch"), NameObject("/F"): TextStringObject("cmd.exe")})
    writer.root_object[NameObject("/OpenAction")] = writer._add_object(action)


def _unreferenced_javascript(writer: PdfWriter) -> None:
    """In an object that no page or catalog refers to; a changed reference could bring it back."""
    writer._add_object(DictionaryObject({NameObject("/JS"): TextStringObject("app.alert(1)")}))


def _encrypted_javascript(writer: PdfWriter) -> None:
    _javascript(writer)
    writer.encrypt(user_password="", owner_password="owner", algorithm="AES-256")


@pytest.mark.parametrize("change", [_javascript, _attachment, _launch, _unreferenced_javascript, _encrypted_javascript])
def test_uploads_of_pdfs_that_run_or_carry_something_are_refused(change):
    assert refusal_of(pdf(change), "bukti.pdf") == "dangerous"


def test_uploads_of_pdfs_that_write_the_name_in_another_way_are_refused():
    hidden = pdf(_javascript).replace(b"/JavaScript", b"/Java#53cript")
    assert refusal_of(hidden, "bukti.pdf") == "dangerous"


def test_uploads_of_pdfs_that_hide_it_in_a_compressed_object_stream_are_refused():
    """Object 5 is JavaScript and stands only inside of a compressed stream, named by a cross-reference stream."""
    inner = b"<< /S /JavaScript /JS (app.alert\\(1\\)) >>"
    packed = zlib.compress(b"5 0 " + inner)
    out = bytearray(b"%PDF-1.7\n")
    offsets = {}
    for number, body in {
        1: b"<< /Type /Catalog /Pages 2 0 R /OpenAction 5 0 R >>",
        2: b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        3: b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 9 9] >>",
        4: b"<< /Type /ObjStm /N 1 /First 4 /Filter /FlateDecode /Length %d >>\nstream\n%s\nendstream"
        % (len(packed), packed),
    }.items():
        offsets[number] = len(out)
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    start = len(out)
    rows = [(0, 0, 255)] + [(1, offsets[number], 0) for number in range(1, 5)] + [(2, 4, 0), (1, start, 0)]
    table = b"".join(bytes([kind]) + where.to_bytes(3, "big") + bytes([last]) for kind, where, last in rows)
    out += b"6 0 obj\n<< /Type /XRef /Size 7 /W [1 3 1] /Root 1 0 R /Length %d >>\nstream\n%s\nendstream\nendobj\n" % (
        len(table),
        table,
    )
    out += b"startxref\n%d\n%%%%EOF" % start
    assert PdfReader(io.BytesIO(bytes(out))).trailer["/Root"]["/OpenAction"]["/S"] == "/JavaScript"
    assert b"/JavaScript" not in out
    assert refusal_of(bytes(out), "bukti.pdf") == "dangerous"


def test_uploads_of_pdfs_that_need_a_password_are_refused_with_what_to_do():
    locked = pdf(lambda writer: writer.encrypt(user_password="rahasia", algorithm="AES-256"))
    assert refusal_of(locked, "bukti.pdf") == "locked"


def test_uploads_of_pdfs_that_open_without_a_password_are_looked_into():
    closed = pdf(lambda writer: writer.encrypt(user_password="", owner_password="owner", algorithm="AES-256"))
    assert uploads.accept(sent(closed, "bukti.pdf")).content == closed


@pytest.mark.parametrize(
    ("name", "clean"),
    [
        ("../../etc/passwd.png", "passwd.png"),
        ("C:\\Users\\a\\bukti.png", "bukti.png"),
        ("bukti\r\nSet-Cookie: a.png", "buktiSet-Cookie: a.png"),
        ("ｂｕｋｔｉ．ｐｎｇ", "bukti.png"),
        ("buk\u200bti\u202e.png", "bukti.png"),
        ("a" * 300 + ".png", "a" * 116 + ".png"),
    ],
)
def test_uploads_names_are_made_plain(name, clean):
    assert uploads.clean_name(name) == clean


def test_uploads_are_stored_under_names_nobody_can_guess(db, customer, account):
    proof = confirm(unpaid_invoice(customer), proofs=[picture(name="rekening saya.png")]).proofs.get()
    assert proof.name == "rekening saya.png"
    assert "rekening" not in proof.file.name
    assert hashlib.sha256(proof.file.read()).hexdigest() == proof.sha256
    proof.file.close()


@pytest.mark.parametrize("failing", [1, 2])
def test_uploads_to_a_full_disk_leave_nothing_behind(db, customer, account, monkeypatch, failing):
    """The disk fills up during the first or the second of two proofs, in the middle of writing it."""
    invoice = unpaid_invoice(customer)
    save, calls = FileSystemStorage._save, []

    def fill_up(storage, name, content):
        calls.append(save(storage, name, content))
        if len(calls) == failing:
            raise OSError(errno.ENOSPC, "No space left on device")
        return calls[-1]

    monkeypatch.setattr(FileSystemStorage, "_save", fill_up)
    with pytest.raises(uploads.CannotStore):
        confirm(invoice, proofs=[picture("white"), picture("black")])
    assert len(calls) == failing
    assert default_storage.listdir("proofs")[1] == []
    assert PaymentConfirmation.objects.count() == 0


def test_uploads_of_a_refused_confirmation_are_removed(db, customer, account, monkeypatch):
    invoice = unpaid_invoice(customer)

    def refuse(*_arguments):
        raise RuntimeError("the database went away")

    monkeypatch.setattr("billing.notices.confirmation_received", refuse)
    with pytest.raises(RuntimeError):
        confirm(invoice)
    assert default_storage.listdir("proofs")[1] == []
    assert PaymentConfirmation.objects.count() == 0
