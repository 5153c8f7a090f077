"""The staff's health page: each part that the shop stands on, asked now, with what it answered.

``/healthz`` is for machines and cheap; this page is for people and may take a second.
"""

import shutil
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from celery import current_app
from django.conf import settings
from django.contrib import admin
from django.core.cache import cache
from django.core.exceptions import PermissionDenied
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from kombu.exceptions import OperationalError as BrokerError

from accounts import dates, jobs
from accounts.models import JobRun, OutboxEmail
from billing import gateways
from billing.attempts import working
from billing.models import GatewayMessage

SWEEP_IS_LATE_AFTER = timedelta(minutes=3)
HOURLY_IS_LATE_AFTER = timedelta(hours=3)
FREQUENT_IS_LATE_AFTER = timedelta(minutes=20)
REMINDERS_ARE_LATE_AFTER = timedelta(minutes=40)
DAILY_IS_LATE_AFTER = timedelta(hours=26)
# What V5 allows before it counts as unnoticed.
MAIL_IS_LATE_AFTER = timedelta(minutes=5)
PROVIDER_IS_SILENT_AFTER = timedelta(minutes=15)
LEAST_FREE_BYTES = 1024**3
GIGABYTE = 1024**3


@dataclass(frozen=True)
class Finding:
    """``tone`` is success, warning or danger; ``detail`` says what was seen."""

    name: str
    tone: str
    word: str
    detail: str


def fine(name: str, detail: str) -> Finding:
    return Finding(name, "success", _("Baik"), detail)


def doubtful(name: str, detail: str) -> Finding:
    return Finding(name, "warning", _("Perhatikan"), detail)


def broken(name: str, detail: str) -> Finding:
    return Finding(name, "danger", _("Rusak"), detail)


def _milliseconds(act: Callable[[], object]) -> float:
    start = time.perf_counter()
    act()
    return (time.perf_counter() - start) * 1000


def database() -> Finding:
    name = _("Basis data")

    def ask() -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")

    try:
        took = _milliseconds(ask)
        waiting = MigrationExecutor(connection).migration_plan(_all_targets())
    except DatabaseError as error:
        return broken(name, str(error))
    words = _("%(vendor)s menjawab dalam %(took).1f ms") % {"vendor": connection.vendor, "took": took}
    if waiting:
        return doubtful(
            name, _("%(words)s; %(count)d migrasi belum dijalankan") % {"words": words, "count": len(waiting)}
        )
    return fine(name, words)


def _all_targets() -> list:
    return MigrationExecutor(connection).loader.graph.leaf_nodes()


def cache_answers() -> Finding:
    name = _("Cache")
    mark = str(time.time())

    def ask() -> None:
        cache.set("health", mark, 30)

    took = _milliseconds(ask)
    kind = "Redis" if settings.REDIS_URL else _("memori proses")
    if cache.get("health") != mark:
        return doubtful(name, _("%(kind)s tidak menjawab; toko tetap jalan, lebih lambat") % {"kind": kind})
    return fine(name, _("%(kind)s menjawab dalam %(took).1f ms") % {"kind": kind, "took": took})


def broker() -> Finding:
    name = _("Antrean tugas")
    kind = settings.CELERY_BROKER_URL.partition(":")[0]
    try:
        with current_app.connection_for_write(transport_options=settings.NUDGE_TRANSPORT_OPTIONS) as link:
            took = _milliseconds(lambda: link.ensure_connection(max_retries=1, timeout=1))
    except (OSError, BrokerError) as error:
        return broken(name, _("%(kind)s tidak menjawab: %(error)s") % {"kind": kind, "error": error})
    return fine(name, _("%(kind)s menjawab dalam %(took).1f ms") % {"kind": kind, "took": took})


def worker() -> Finding:
    """The sweep runs every minute in a worker, started by beat: one row tells of both."""
    return _job(_("Worker dan jadwal"), jobs.SWEEP_OUTBOX, SWEEP_IS_LATE_AFTER)


def unpaid_orders() -> Finding:
    return _job(_("Proses harian penagihan"), jobs.RUN_BILLING, DAILY_IS_LATE_AFTER)


def ledger() -> Finding:
    return _job(_("Pemeriksaan buku"), jobs.VERIFY_LEDGER, DAILY_IS_LATE_AFTER)


def orphans() -> Finding:
    return _job(_("Berkas tanpa catatan"), jobs.REMOVE_ORPHANS, DAILY_IS_LATE_AFTER)


def silent_tickets() -> Finding:
    return _job(_("Penutupan tiket"), jobs.CLOSE_TICKETS, HOURLY_IS_LATE_AFTER)


def escalations() -> Finding:
    return _job(_("Eskalasi tiket"), jobs.ESCALATE_TICKETS, FREQUENT_IS_LATE_AFTER)


def reminders() -> Finding:
    return _job(_("Pengingat jadwal"), jobs.REMIND_OF_APPOINTMENTS, REMINDERS_ARE_LATE_AFTER)


def digests() -> Finding:
    return _job(_("Ringkasan harian"), jobs.SEND_DIGESTS, HOURLY_IS_LATE_AFTER)


def inbound_email() -> Finding:
    """Only where the shop takes email in; the mailbox only where one is asked."""
    name = _("Email masuk")
    if not settings.TICKETS_INBOUND_DOMAIN:
        return fine(name, _("Tidak dipakai."))
    if settings.TICKETS_MAILBOX:
        return _job(name, jobs.POLL_MAILBOX, FREQUENT_IS_LATE_AFTER)
    return _job(name, jobs.SWEEP_INBOUND, FREQUENT_IS_LATE_AFTER)


def bank_statements() -> Finding:
    """Each road of theirs that the shop uses; the worst one is told."""
    name = _("Mutasi bank")
    used = [_job(name, jobs.SWEEP_STATEMENTS, FREQUENT_IS_LATE_AFTER)]
    if settings.STATEMENTS_DIR:
        used.append(_job(_("Mutasi bank: folder"), jobs.COLLECT_STATEMENTS, FREQUENT_IS_LATE_AFTER))
    if settings.STATEMENTS_MAILBOX:
        used.append(_job(_("Mutasi bank: email"), jobs.POLL_STATEMENTS, FREQUENT_IS_LATE_AFTER))
    return max(used, key=lambda finding: ("success", "warning", "danger").index(finding.tone))


def paying_online() -> Finding:
    return _job(_("Pembayaran online"), jobs.SWEEP_ATTEMPTS, SWEEP_IS_LATE_AFTER)


def midtrans() -> Finding:
    return _provider("midtrans")


def xendit() -> Finding:
    return _provider("xendit")


def _provider(code: str) -> Finding:
    """Whether it has its keys, when it last called, and whether it answers what it is asked."""
    provider = gateways.providers[code]
    if not provider.is_configured():
        wanted = ", ".join(provider.settings_wanted())
        return fine(provider.name, _("Tidak dipakai. Untuk memakainya isi %(settings)s.") % {"settings": wanted})
    heard = GatewayMessage.objects.filter(
        provider=code, direction=GatewayMessage.Direction.IN, outcome=GatewayMessage.Outcome.ACCEPTED
    ).first()
    words = _("webhook terakhir %(when)s") % {"when": dates.short_moment(heard.at)} if heard else _("belum ada webhook")
    system = _("Sandbox") if provider.is_sandbox() else _("Produksi")
    words = f"{system}; {words}"
    silent = working.unanswered(code, timezone.now() - PROVIDER_IS_SILENT_AFTER)
    count = silent.count()
    if not count:
        return fine(provider.name, words)
    return broken(
        provider.name,
        ngettext(
            "%(words)s; %(count)d pembayaran tidak terjawab lebih dari 15 menit: %(error)s",
            "%(words)s; %(count)d pembayaran tidak terjawab lebih dari 15 menit: %(error)s",
            count,
        )
        % {"words": words, "count": count, "error": silent.order_by("silent_since").first().error},
    )


def _job(name: str, job: str, late_after: timedelta) -> Finding:
    run = JobRun.objects.filter(name=job).first()
    if run is None:
        return doubtful(name, _("Belum pernah berjalan."))
    words = _("Terakhir %(when)s") % {"when": dates.short_moment(run.finished_at)}
    if not run.succeeded:
        return broken(name, _("%(words)s: %(count)s temuan") % {"words": words, "count": run.summary})
    return broken(name, words) if timezone.now() - run.finished_at > late_after else fine(name, words)


def outbox() -> Finding:
    name = _("Email keluar")
    now = timezone.now()
    unsent = OutboxEmail.objects.filter(status__in=[OutboxEmail.Status.QUEUED, OutboxEmail.Status.SENDING])
    failed = OutboxEmail.objects.filter(status=OutboxEmail.Status.FAILED).count()
    oldest = unsent.filter(due_at__lte=now).order_by("due_at").first()
    words = _("%(waiting)d menunggu, %(failed)d gagal") % {"waiting": unsent.count(), "failed": failed}
    if oldest and now - oldest.due_at > MAIL_IS_LATE_AFTER:
        since = dates.short_moment(oldest.due_at)
        return broken(name, _("%(words)s; yang tertua menunggu sejak %(since)s") % {"words": words, "since": since})
    return doubtful(name, words) if failed else fine(name, words)


def files() -> Finding:
    """Written, read and removed: a full or read-only disk shows itself here before a customer meets it."""
    name = _("Berkas")
    try:
        stored = default_storage.save("health/probe", ContentFile(b"probe"))
        with default_storage.open(stored) as probe:
            content = probe.read()
        default_storage.delete(stored)
    except OSError as error:
        return broken(name, str(error))
    if content != b"probe":
        return broken(name, _("Isi yang dibaca lain dari yang ditulis."))
    return fine(name, _("Dapat ditulis dan dibaca."))


def disk() -> Finding:
    name = _("Ruang disk")
    usage = shutil.disk_usage(settings.VAR_DIR if settings.VAR_DIR.exists() else settings.BASE_DIR)
    words = _("%(free).1f GB bebas dari %(total).1f GB") % {
        "free": usage.free / GIGABYTE,
        "total": usage.total / GIGABYTE,
    }
    return doubtful(name, words) if usage.free < LEAST_FREE_BYTES else fine(name, words)


PARTS: tuple[Callable[[], Finding], ...] = (
    database,
    cache_answers,
    broker,
    worker,
    outbox,
    files,
    disk,
    unpaid_orders,
    ledger,
    orphans,
    silent_tickets,
    escalations,
    reminders,
    digests,
    inbound_email,
    bank_statements,
    paying_online,
    midtrans,
    xendit,
)


def staff_page(request: HttpRequest) -> HttpResponse:
    """For those who may see the shop's settings."""
    if not request.user.has_perm("accounts.view_shop"):
        raise PermissionDenied
    findings = [part() for part in PARTS]
    context = {**admin.site.each_context(request), "title": _("Kesehatan sistem"), "findings": findings}
    return TemplateResponse(request, "admin/health.html", context)
