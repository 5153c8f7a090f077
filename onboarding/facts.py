"""What ends a stage that is not ended by hand (ON2): whether it has happened, and in words what has not."""

from django.utils.translation import gettext as _

from billing.models import Invoice, Service
from onboarding import turns
from onboarding.models import Appointment, Document, Stage
from onboarding.models.templates import Completion

# A service that was active once: what became of it later is not the onboarding's.
_ACTIVE = (Service.Status.ACTIVE, Service.Status.SUSPENDED, Service.Status.COMPLETED)


def missing(stage: Stage) -> str:
    """What the stage waits for, as words that follow a colon; empty where it has happened, or is for staff to say."""
    check = {
        Completion.EVENTS_DONE: _events,
        Completion.DOCUMENT_SIGNED: _documents,
        Completion.INVOICE_PAID: _invoice,
        Completion.SERVICE_ACTIVE: _service,
    }.get(stage.completion)
    return check(stage) if check else ""


def is_met(stage: Stage) -> bool:
    """Whether the fact that ends the stage is there; never for a stage that is ended by hand."""
    return stage.completion != Completion.BY_HAND and not missing(stage)


def is_active(service: Service | None) -> bool:
    return service is not None and service.status in _ACTIVE


def _events(stage: Stage) -> str:
    held = stage.appointments.exclude(status=Appointment.Status.CANCELLED)
    states = set(held.values_list("status", flat=True))
    if not states:
        return _("belum ada jadwal yang terlaksana. Buat jadwalnya, lalu tandai selesai.")
    if states - {Appointment.Status.DONE}:
        return _("masih ada jadwal yang belum selesai. Tandai selesai, jadwalkan ulang, atau batalkan.")
    return ""


def _documents(stage: Stage) -> str:
    kept = stage.documents.filter(needs_signature=True).exclude(status=Document.Status.WITHDRAWN)
    states = set(kept.values_list("status", flat=True))
    if not states:
        return _("belum ada dokumen untuk ditandatangani. Kirim dokumennya.")
    if Document.Status.SENT in states:
        return _("dokumennya menunggu tanda tangan pelanggan.")
    if states - {Document.Status.RECEIVED}:
        return _("tanda tangannya belum ditandai diterima. Periksa, lalu tekan Diterima.")
    return ""


def _invoice(stage: Stage) -> str:
    invoice = turns.order_invoice(stage.case)
    if invoice is None:
        return _("belum ada pesanan dengan tagihan. Pelanggan perlu menyetujui penawaran.")
    if invoice.status != Invoice.Status.PAID:
        return _("tagihan %(invoice)s belum lunas.") % {"invoice": invoice}
    return ""


def _service(stage: Stage) -> str:
    service = stage.case.service
    if service is None:
        return _("belum ada layanan. Pelanggan perlu menyetujui penawaran.")
    return "" if is_active(service) else _("layanannya belum aktif.")
