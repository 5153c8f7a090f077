"""A whole shop as processes of its own, that tests kill, freeze and starve; and a buyer who tries again as people do."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.parse
import urllib.request
from dataclasses import dataclass, field
from html.parser import HTMLParser
from http.client import HTTPConnection, HTTPException
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
TRIES = 40
_AWAY = (HTTPException, OSError)


@dataclass
class Shop:
    """``gunicorn`` with two workers on the database of ``environment``."""

    folder: Path
    environment: dict[str, str] = field(default_factory=dict)
    port: int = 0
    path: str = ""
    cookies: list[str] = field(default_factory=list)
    web: subprocess.Popen | None = None

    def run(self, *command: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, *command], cwd=ROOT, env=self._environment(), capture_output=True, text=True, check=False
        )

    def _environment(self) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if name not in {"DATABASE_URL", "REDIS_URL"}}
        return (
            kept
            | {"VAR_DIR": str(self.folder), "STATIC_ROOT": str(self.folder / "static"), "LOG_LEVEL": "ERROR"}
            | self.environment
        )

    def open(self, *, buyers: int) -> None:
        collected = self.run("manage.py", "collectstatic", "--noinput", "-v0")
        assert collected.returncode == 0, collected.stderr
        made = self.run("-m", "tests.faults.prepare", str(buyers))
        assert made.returncode == 0, made.stderr
        self.path, self.cookies = json.loads(made.stdout).values()
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        options = ["--config", "config/gunicorn.py", "--bind", f"127.0.0.1:{self.port}"]
        log = (self.folder / "web.log").open("w")
        self.web = subprocess.Popen(
            [sys.executable, "-m", "gunicorn", *options, "config.wsgi"],
            cwd=ROOT,
            env=self._environment(),
            stdout=log,
            stderr=log,
        )
        self.wait_until_it_answers()

    def wait_until_it_answers(self) -> None:
        for _attempt in range(600):
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/healthz", timeout=5):
                    return
            except OSError:
                assert self.web.poll() is None, (self.folder / "web.log").read_text()
                pause()
        raise AssertionError("the shop does not answer")

    def workers(self) -> list[int]:
        children = Path(f"/proc/{self.web.pid}/task/{self.web.pid}/children").read_text()
        return [int(pid) for pid in children.split()]

    def kill_workers(self) -> None:
        for pid in self.workers():
            os.kill(pid, signal.SIGKILL)

    def close(self) -> None:
        if self.web and self.web.poll() is None:
            self.web.terminate()
            self.web.wait(30)

    def count_orders(self) -> int:
        counted = self.run(
            "manage.py", "shell", "-v0", "-c", "from billing.models import Order; print(Order.objects.count())"
        )
        return int(counted.stdout)

    def ledger_breaches(self) -> str:
        """What ``verify_ledger`` complains of; nothing when the books are right."""
        checked = self.run("manage.py", "verify_ledger")
        return "" if checked.returncode == 0 else checked.stdout + checked.stderr


def pause(seconds: float = 0.1) -> None:
    """Between two tries of something that another process is about to do."""
    signal.sigtimedwait([], seconds)


class _Form(HTMLParser):
    """What a browser would send of the form with this id, its fields as they are on the page."""

    def __init__(self, form_id: str) -> None:
        super().__init__()
        self.form_id, self.inside, self.select, self.fields = form_id, False, "", {}

    def handle_starttag(self, tag: str, attrs: list) -> None:
        found = dict(attrs)
        if tag == "form":
            self.inside = found.get("id") == self.form_id
        elif self.inside and tag == "input" and found.get("name"):
            ticked = found.get("type") not in {"radio", "checkbox"} or "checked" in found
            if ticked:
                self.fields[found["name"]] = found.get("value") or ""
            elif found["type"] == "radio":
                self.fields.setdefault(found["name"], found.get("value") or "")
        elif self.inside and tag == "select":
            self.select = found["name"]
        elif self.inside and tag == "option" and "selected" in found:
            self.fields[self.select] = found.get("value") or ""

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self.inside = False


@dataclass
class Buyer:
    """Orders by plain HTTP, and presses the button again when no answer comes or the answer says to try later."""

    shop: Shop
    cookie: str
    slowest: float = 0.0

    def prepare(self) -> dict[str, str]:
        """Put the product into the cart and open the checkout. Returns what the checkout's form will send."""
        page = self._get(self.shop.path)
        answer = self._post(self.shop.path, {**_fields(page, "configure"), "cycle": "monthly"})
        assert answer[0] == 302, answer
        return {**_fields(self._get("/cart/checkout/"), "checkout"), "terms": "1"}

    def press(self, form: dict[str, str]) -> str:
        """The address of the invoice that the order led to, however often it takes."""
        for _attempt in range(TRIES):
            try:
                status, where, _page = self._post("/cart/checkout/", form)
            except _AWAY:
                pause()
                continue
            if status == 302:
                return where
            assert status == 503, f"the checkout answered {status}"
            pause(0.5)
        raise AssertionError("the order never went through")

    def _get(self, path: str) -> str:
        for _attempt in range(TRIES):
            try:
                status, _where, page = self._ask("GET", path)
            except _AWAY:
                pause()
                continue
            if status == 200:
                return page
            assert status == 503, f"{path} answered {status}"
            pause(0.5)
        raise AssertionError(f"{path} never came")

    def _post(self, path: str, form: dict[str, str]) -> tuple[int, str, str]:
        return self._ask("POST", path, form)

    def _ask(self, method: str, path: str, form: dict[str, str] | None = None) -> tuple[int, str, str]:
        connection = HTTPConnection("127.0.0.1", self.shop.port, timeout=30)
        headers = {"Cookie": self.cookie, "Accept-Language": "id", "Origin": f"http://127.0.0.1:{self.shop.port}"}
        body = urllib.parse.urlencode(form) if form is not None else None
        if body is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        begun = time.monotonic()
        try:
            connection.request(method, path, body=body, headers=headers)
            answer = connection.getresponse()
            page = answer.read().decode()
        finally:
            connection.close()
            self.slowest = max(self.slowest, time.monotonic() - begun)
        self._keep_cookies(answer.headers.get_all("Set-Cookie") or [])
        return answer.status, answer.headers.get("Location", ""), page

    def _keep_cookies(self, given: list[str]) -> None:
        jar = dict(re.findall(r"([^=;\s]+)=([^;]*)", self.cookie))
        for cookie in given:
            name, value = cookie.split(";")[0].split("=", 1)
            jar[name] = value
        self.cookie = "; ".join(f"{name}={value}" for name, value in jar.items())


def _fields(page: str, form_id: str) -> dict[str, str]:
    form = _Form(form_id)
    form.feed(page)
    assert form.fields, f"no form #{form_id} on the page"
    return form.fields
