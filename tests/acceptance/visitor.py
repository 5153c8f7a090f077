"""A person at a browser, and what every page they come to is held to."""

import hashlib
import re
from dataclasses import dataclass, field

from axe_playwright_python.sync_playwright import Axe
from django.utils import translation
from django.utils.translation import gettext
from playwright.sync_api import BrowserContext, ConsoleMessage, Locator, Page, expect

NARROW = 360
# The words of the three guides in English; everything else is said as the shop's own translation says it.
ENGLISH = {
    "Pesan": "Order",
    "Lanjutkan": "Continue",
    "Validasi Kode": "Validate Code",
    "Selesaikan Pesanan": "Complete Order",
    "Belum Dibayar": "Unpaid",
    "Lunas": "Paid",
}
# A refused form answers 422 on purpose, and Chromium notes every answer above 400 in its console. htmx notes a request that
# ended because the visitor went to another page; one that fails by itself leaves a line of Chromium's own.
_EXPECTED = re.compile(r"status of 422|htmx:(sendError|sendAbort|afterRequest)")
_ADDRESSES_AND_VALUES = re.compile(r' (?:href|action|value|data-copy)="(?!#)[^"]*"')
# Documents that this process has found nothing wrong with: looking twice takes long and tells nothing.
_FLAWLESS: set[str] = set()
_WATCH_POLICY = """
document.addEventListener("securitypolicyviolation", (event) =>
    console.error(`CSP: ${event.violatedDirective} ${event.blockedURI}`));
"""


@dataclass
class Visitor:
    context: BrowserContext
    base_url: str
    language: str
    scripts: bool = True
    page: Page = field(init=False)
    complaints: list[str] = field(init=False, default_factory=list)

    def __post_init__(self) -> None:
        self.page = self.context.new_page()
        self.page.add_init_script(_WATCH_POLICY)
        self.page.on("console", self._note)
        self.page.on("pageerror", lambda error: self.complaints.append(f"{self.page.url}: {error}"))

    def _note(self, message: ConsoleMessage) -> None:
        if message.type == "error" and not _EXPECTED.search(message.text):
            self.complaints.append(f"{self.page.url}: {message.text}")

    def say(self, indonesian: str) -> str:
        """A label in the visitor's language."""
        if self.language == "id":
            return indonesian
        if indonesian in ENGLISH:
            return ENGLISH[indonesian]
        with translation.override(self.language):
            return gettext(indonesian)

    def visit(self, path: str) -> None:
        self.page.goto(path)
        self.check()

    def visit_refused(self, path: str) -> None:
        """A page that says that the visitor's role does not open it: Chromium notes the answer, 403, in its console."""
        self.page.goto(path)
        self.complaints[:] = [one for one in self.complaints if "status of 403" not in one]
        self.check()

    def press(self, label: str, *, within: Locator | None = None, exact: bool = True) -> None:
        """Press a button or follow a link by its words, wait for the page behind it, and check that one.

        The page before has long loaded: only a new one says that the form has arrived.
        """
        with self.page.expect_navigation():
            self.find_button(label, within=within, exact=exact).click()
        self.check()

    def find_button(self, label: str, *, within: Locator | None = None, exact: bool = True) -> Locator:
        """The first visible button or link with these words."""
        words = self.say(label)
        # Playwright writes the pattern between slashes, as JavaScript does: those of the words are escaped for it.
        escaped = re.escape(words).replace("/", r"\/")
        pattern = re.compile(rf"^\s*{escaped}\s*$" if exact else escaped, re.IGNORECASE)
        place = within or self.page
        both = place.get_by_role("button", name=pattern).or_(place.get_by_role("link", name=pattern))
        return both.filter(visible=True).first

    def fill(self, name: str, value: str) -> None:
        self.page.locator(f'[name="{name}"]:visible').first.fill(value)

    def choose(self, name: str, value: str) -> None:
        """Choose one of several radio buttons."""
        self.page.locator(f'[name="{name}"][value="{value}"]').check()

    def sees(self, words: str) -> None:
        """The words stand on the page, in the visitor's language, whatever their case."""
        text = re.compile(re.escape(self.say(words)), re.IGNORECASE)
        expect(self.page.get_by_text(text).filter(visible=True).first).to_be_visible()

    def check(self) -> None:
        """What every page is held to."""
        expect(self.page.locator("html")).to_have_attribute("lang", self.language)
        content = self._fingerprint()
        if content not in _FLAWLESS:
            if self.scripts:
                found = Axe().run(self.page)
                assert found.violations_count == 0, f"{self.page.url}\n{found.generate_report()}"
            self._check_width()
            _FLAWLESS.add(content)
        assert not self.complaints, "\n".join(self.complaints)

    def _fingerprint(self) -> str:
        """The same for two looks at one document in one window: form tokens and the numbers in links move no pixel."""
        words = _ADDRESSES_AND_VALUES.sub("", self.page.content())
        return hashlib.sha256(f"{self.scripts}{self.page.viewport_size}{words}".encode()).hexdigest()

    def _check_width(self) -> None:
        before = self.page.viewport_size
        self.page.set_viewport_size({"width": NARROW, "height": before["height"]})
        width = self.page.evaluate("document.documentElement.scrollWidth")
        assert width <= NARROW, f"{self.page.url} is {width} pixels wide at {NARROW}"
        self.page.set_viewport_size(before)
