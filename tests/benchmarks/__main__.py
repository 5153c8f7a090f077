"""``make bench``: what a request costs, in CPU time of web and database, beside its limit.

A large shop on a PostgreSQL of its own, gunicorn with 2 workers × 4 threads, load from another process on the loopback. The
table goes to the terminal and to ``benchmark-results/pages.md``.
"""

import json
import os
import socket
import statistics
import subprocess
import sys
import urllib.request
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
ALONE, TOGETHER, VISITORS = 200, 800, 8
QUERIES_AT_MOST, P95_AT_MOST_MS, MEGABYTES_AT_MOST, PDF_AT_MOST = 12, 15, 150, 1.2
os.environ["DJANGO_SETTINGS_MODULE"] = "tests.benchmarks.settings"


def main() -> int:
    import django

    django.setup()
    from django.conf import settings
    from django.core.management import call_command
    from django.test.utils import setup_test_environment

    if settings.DATABASES["default"]["ENGINE"] != "django.db.backends.postgresql":
        raise SystemExit("The benchmark runs on PostgreSQL: set DATABASE_URL, or call it by `make bench`.")
    setup_test_environment(debug=False)
    from tests.benchmarks.data import fill

    call_command("migrate", verbosity=0)
    call_command("collectstatic", interactive=False, verbosity=0)
    _say("Filling the shop …")
    fill()
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    web = _start_web(port)
    try:
        return _measure_all(web, port)
    finally:
        web.terminate()
        web.wait(30)


def _say(words: str) -> None:
    sys.stdout.write(f"{words}\n")
    sys.stdout.flush()


def _start_web(port: int) -> subprocess.Popen:
    options = ["--config", "config/gunicorn.py", "--bind", f"127.0.0.1:{port}", "--workers", "2", "--threads", "4"]
    web = subprocess.Popen([sys.executable, "-m", "gunicorn", *options, "config.wsgi"], cwd=ROOT)
    for _attempt in range(300):
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=5)
        except OSError:
            if web.poll() is not None:
                raise SystemExit("gunicorn did not start") from None
            try:
                web.wait(0.1)
            except subprocess.TimeoutExpired:
                continue
        else:
            return web
    raise SystemExit("gunicorn does not answer")


def _measure_all(web: subprocess.Popen, port: int) -> int:
    from tests.benchmarks.documents import pdf_against_library
    from tests.benchmarks.pages import all_pages
    from tests.benchmarks.processes import biggest_child_megabytes

    database = _postmaster()
    results = [_measure(page, web.pid, database, port) for page in all_pages()]
    rows_cost = results[1]["cpu"]
    memory = biggest_child_megabytes(web.pid)
    table, short = _table(results, rows_cost)
    ratio, alone = pdf_against_library()
    table += (
        f"\nInvoice as PDF in a warm worker: {ratio:.2f} × WeasyPrint alone on the same HTML ({alone * 1000:.0f} ms of CPU; "
        f"at most {PDF_AT_MOST}).\n"
    )
    if ratio > PDF_AT_MOST:
        short.append("invoice as PDF")
    table += f"\nLargest web worker: {memory:.0f} MB (at most {MEGABYTES_AT_MOST}).\n"
    folder = ROOT / "benchmark-results"
    folder.mkdir(exist_ok=True)
    (folder / "pages.md").write_text(table, encoding="utf-8")
    _say(table)
    if memory > MEGABYTES_AT_MOST:
        short.append("web worker's memory")
    _say(f"Over its limit: {', '.join(short)}" if short else "Everything is within its limit.")
    return 1 if short else 0


def _postmaster() -> int:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        backend = cursor.fetchone()[0]
    return int(Path(f"/proc/{backend}/stat").read_text().rsplit(") ", 1)[1].split()[1])


def _measure(page, web: int, database: int, port: int) -> dict:
    from tests.benchmarks.processes import cpu_seconds

    _load(page, port, 80, VISITORS)  # every thread of every worker has its connection and its caches
    alone = _load(page, port, ALONE, 1)
    before = cpu_seconds(web) + cpu_seconds(database)
    together = _load(page, port, TOGETHER, VISITORS)
    used = cpu_seconds(web) + cpu_seconds(database) - before
    return {
        "page": page,
        "cpu": used * 1000 / TOGETHER,
        "rate": TOGETHER / together["seconds"],
        "p95": statistics.quantiles(alone["times"], n=20)[-1],
        "bytes": together["bytes"],
        "queries": _queries(page),
    }


def _load(page, port: int, requests: int, visitors: int) -> dict:
    command = ["tests.benchmarks.load", str(port), page.path, page.cookie, str(requests), str(visitors)]
    done = subprocess.run([sys.executable, "-m", *command], cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(done.stderr)
    return json.loads(done.stdout)


def _queries(page) -> int:
    """Counted in this process on the same database, on the second visit."""
    from django.db import connection
    from django.test import Client
    from django.test.utils import CaptureQueriesContext

    client = page.client or Client(headers={"Accept-Language": "id"})
    client.get(page.path)
    with CaptureQueriesContext(connection) as queries:
        client.get(page.path)
    return len(queries)


def _table(results: list[dict], rows_cost: float) -> tuple[str, list[str]]:
    lines = [
        "| page | CPU ms | requests/s | p95 ms | bytes | queries | relative to rows | limit |",
        "| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |",
    ]
    short = []
    for found in results:
        page, relative = found["page"], found["cpu"] / rows_cost
        lines.append(
            f"| {page.name} | {found['cpu']:.2f} | {found['rate']:.0f} | {found['p95']:.1f} | {found['bytes']:,} "
            f"| {found['queries']} | {relative:.2f} | {page.limit or '–'} |"
        )
        if page.limit and relative > page.limit:
            short.append(f"{page.name} (cost)")
        if found["queries"] > QUERIES_AT_MOST:
            short.append(f"{page.name} (queries)")
        if page.limit and found["p95"] > P95_AT_MOST_MS:
            short.append(f"{page.name} (p95)")
    return "\n".join(lines) + "\n", short


if __name__ == "__main__":
    sys.exit(main())
