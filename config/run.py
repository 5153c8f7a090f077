"""Start the whole shop on this machine: web, Celery worker and beat; ``make run`` calls it.

A shop without keys of payment providers is given invented ones: a simulator answers in their place, on the next port.
Everything ends together: on Ctrl-C, when one of them stops by itself, and when this process is killed.
"""

import ctypes
import json
import os
import signal
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Sequence
from contextlib import suppress
from hashlib import sha256
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
START_SECONDS = 60
# Celery lets running tasks finish first.
STOP_SECONDS = 15
_PR_SET_PDEATHSIG = 1
# Celery warns root of pickled messages; this shop's worker takes JSON alone.
_ROOT_IS_FINE = "ignore:You're running the worker with superuser privileges"
_SIMULATOR = "tests.providers"
_SIMULATOR_FOLDER = ROOT.joinpath(*_SIMULATOR.split("."))
# Who sets one of these wants providers of their own.
_PROVIDERS_ARE_CHOSEN = ("MIDTRANS_", "XENDIT_", "PAYMENT_")


def main() -> int:
    port = int(os.environ.get("PORT") or 8000)
    if _is_taken(port):
        print(f"Port {port} is in use. Another one: PORT={port + 1} make run", file=sys.stderr)
        return 1
    simulated = _simulate_providers(port)
    sign_ins = _prepare()
    children: list[subprocess.Popen] = []
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _stop_asked)
    try:
        children = [_start(*_web(port)), _start(*_worker())]
        if simulated:
            children.append(_start(*_simulator(port)))
        if _wait_until_it_answers(port, children):
            _say_where(port, sign_ins, simulated)
            os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOWAIT)
        print("A part of the shop stopped by itself; its last lines stand above.", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nStopping the shop …")
        return 0
    finally:
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, signal.SIG_IGN)
        _stop(children)


def _stop_asked(number: int, frame: object) -> None:
    raise KeyboardInterrupt


def _is_taken(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return True
    return False


def _simulate_providers(port: int) -> bool:
    """Put the simulator's keys and addresses into the environment of all that follows; ``False`` where it is not wanted.

    It stands among the tests, which this project imports from nowhere: it is asked by its name.
    """
    chosen = any(value for name, value in os.environ.items() if name.startswith(_PROVIDERS_ARE_CHOSEN))
    if chosen or (os.environ.get("LANGGANAN_ENV") or "local") != "local" or not _SIMULATOR_FOLDER.is_dir():
        return False
    if _is_taken(port + 1):
        print(
            f"Port {port + 1} is in use, and the simulator of payment providers needs it:"
            " the shop opens without virtual accounts and payment pages.",
            file=sys.stderr,
        )
        return False
    command = [sys.executable, "-m", _SIMULATOR, "--port", str(port + 1), "--environment"]
    asked = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    os.environ.update(json.loads(asked.stdout))
    return True


def _prepare() -> Sequence[tuple[str, str, str]]:
    """Bring the database, the static files and the demo shop up to date. Returns the demo's sign-ins."""
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    django.setup()
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    _collect_static()
    from django.core.management import get_commands
    from django.db import connections

    from accounts import demo
    from accounts.models import User
    from catalog.models import Product

    if not Product.objects.exists() and "seed_demo" in get_commands():
        print("Filling the demo shop …", flush=True)
        # What the simulator kept belongs to a shop that is no more.
        _simulators_memory().unlink(missing_ok=True)
        call_command("seed_demo", verbosity=0)
    connections.close_all()
    return demo.sign_ins() if User.objects.filter(email=demo.STAFF[0][2]).exists() else []


def _collect_static() -> None:
    """Compress and name the static files, only when one of them or a library changed."""
    from django.conf import settings
    from django.core.management import call_command

    files = sorted(path for path in (ROOT / "static").rglob("*") if path.is_file())
    seen = sha256((ROOT / "requirements.txt").read_bytes())
    for path in files:
        status = path.stat()
        seen.update(f"{path}:{status.st_mtime_ns}:{status.st_size}".encode())
    stamp = settings.STATIC_ROOT / ".collected"
    if not stamp.exists() or stamp.read_text() != seen.hexdigest():
        print("Preparing the static files …", flush=True)
        call_command("collectstatic", interactive=False, clear=True, verbosity=0)
        stamp.write_text(seen.hexdigest())


def _web(port: int) -> Sequence[str]:
    """One process: its caches are the whole shop's, so what staff change is seen at once."""
    here = ["--bind", f"127.0.0.1:{port}", "--workers", "1", "--threads", "8"]
    return ["gunicorn", "--config", "config/gunicorn.py", *here, "config.wsgi"]


def _worker() -> Sequence[str]:
    pool = ["--pool", "threads", "--concurrency", "2"]
    return ["celery", "--quiet", "--app", "config", "worker", *pool, "--beat", "--loglevel", "WARNING"]


def _simulator(port: int) -> Sequence[str]:
    """It remembers open payments where the shop does, so that both still know them after a restart."""
    where = ["--port", str(port + 1), "--shop", f"http://127.0.0.1:{port}"]
    return [_SIMULATOR, *where, "--keep", str(_simulators_memory())]


def _simulators_memory() -> Path:
    from django.conf import settings

    return settings.VAR_DIR / "providers.json"


def _start(*command: str) -> subprocess.Popen:
    """In a process group of its own, so that Ctrl-C reaches this process alone, which then ends the group as a whole."""
    return subprocess.Popen(
        [sys.executable, "-W", _ROOT_IS_FINE, "-m", *command],
        cwd=ROOT,
        start_new_session=True,
        preexec_fn=_end_with_the_parent,
    )


def _end_with_the_parent() -> None:
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)


def _wait_until_it_answers(port: int, children: Sequence[subprocess.Popen]) -> bool:
    """Whether the shop answers; ``False`` when a part of it ended first or it takes too long."""
    for _attempt in range(START_SECONDS * 4):
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=5) as answer:
                return answer.status == 200
        except (urllib.error.URLError, OSError):
            if any(child.poll() is not None for child in children):
                return False
            signal.sigtimedwait([], 0.25)
    return False


def _say_where(port: int, sign_ins: Sequence[tuple[str, str, str]], simulated: bool) -> None:
    print(f"\nThe shop is open: http://localhost:{port}/\nIts staff work at:  http://localhost:{port}/admin/")
    if simulated:
        print(f"Invented payments:  http://localhost:{port + 1}/")
    print()
    for who, email, password in sign_ins:
        print(f"  {who:<36} {email:<34} {password}")
    print("\nCtrl-C ends it.", flush=True)


def _stop(children: Sequence[subprocess.Popen]) -> None:
    for child in children:
        _signal(child, signal.SIGTERM)
    for child in children:
        try:
            child.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            print("A part of the shop does not stop; it is ended.", file=sys.stderr)
        # What the child left behind in its group.
        _signal(child, signal.SIGKILL)
        child.wait()


def _signal(child: subprocess.Popen, number: signal.Signals) -> None:
    with suppress(ProcessLookupError):
        os.killpg(child.pid, number)


if __name__ == "__main__":
    sys.exit(main())
