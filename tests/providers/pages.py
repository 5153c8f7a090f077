"""Pages where people pay: Snap's, Xendit's checkout, and a simulator for virtual accounts. They work without JavaScript.

What they change is told to the shop as everything else is; they themselves only change it.
"""

from collections.abc import Iterator
from html import escape
from urllib.parse import quote

from tests.providers import markup
from tests.providers.midtrans import Midtrans, Session
from tests.providers.provider import dispatch
from tests.providers.transactions import BILLER, PAID, Transaction
from tests.providers.web import Answer, Request
from tests.providers.xendit import Xendit
from tests.providers.xendit_records import BANKS, Account, Invoice

SNAP_METHODS = {"credit_card": "Kartu kredit atau debit", "gopay": "GoPay", "qris": "QRIS"}
XENDIT_CHANNELS = {"CREDIT_CARD": "Kartu kredit atau debit", "DANA": "DANA", "QRIS": "QRIS"} | {
    bank: f"Virtual account {bank}" for bank in BANKS
}
ENDED = {
    "expire": ("Batas waktu pembayaran sudah lewat.", "failed"),
    "cancel": ("Pembayaran dibatalkan.", "failed"),
    "refund": ("Pembayaran sudah dikembalikan.", "done"),
} | dict.fromkeys(PAID, ("Pembayaran sudah diterima.", "done"))
DENIED = "Pembayaran ditolak. Silakan pilih cara lain."
BACK = "Kembali ke toko"


class Pages:
    def __init__(self, midtrans: Midtrans, xendit: Xendit) -> None:
        self.midtrans = midtrans
        self.xendit = xendit

    def answer(self, request: Request) -> Answer | None:
        """``None``: no page has this address."""
        return dispatch(self, _ROUTES, request)

    def _style(self, request: Request) -> Answer:
        return markup.style()

    def _start(self, request: Request) -> Answer:
        return Answer.redirect("/simulator/")

    # Snap

    def _snap(self, request: Request, token: str) -> Answer:
        with self.midtrans.lock:
            session = self.midtrans.sessions.get(token)
            if session is None:
                return _unknown("Midtrans")
            asked = request.form() if request.method == "POST" else {}
            method, act = asked.get("method"), asked.get("act")
            if method in SNAP_METHODS and act in {"pay", "deny", "cancel"} and self._snap_end(session) is None:
                found = self.midtrans.choose(session, method)
                self.midtrans.settle(found) if act == "pay" else self.midtrans.change(found, act)
                return Answer.redirect(self.midtrans.back_to_the_shop(session) or request.path)
            return self._snap_page(session)

    def _snap_end(self, session: Session) -> tuple[str, str] | None:
        """Why nothing can be paid here any more. After a refusal something can."""
        found = self.midtrans.find(session.order_id)
        return ENDED.get("expire" if session.is_over and found is None else found.status if found else "")

    def _snap_page(self, session: Session) -> Answer:
        rows = {"Pesanan": session.order_id, "Untuk": ", ".join(session.items), "Pembayar": session.payer}
        amount = markup.rupiah(session.amount)
        parts = [markup.facts(rows | {"Bayar sebelum": markup.when(session.expires_at)}, amount)]
        if end := self._snap_end(session):
            parts += [markup.message(*end), markup.link(self.midtrans.back_to_the_shop(session), BACK)]
            return markup.page("Pembayaran Midtrans", "Midtrans", parts)
        found = self.midtrans.find(session.order_id)
        if found and found.status == "deny":
            parts.append(markup.message(DENIED, "failed"))
        buttons = {"pay": f"Bayar {amount}", "deny": "Tolak", "cancel": "Batal"}
        parts.append(markup.form([markup.choices("Cara membayar", "method", SNAP_METHODS)], buttons))
        parts.append(markup.link(session.finish, f"{BACK} tanpa membayar"))
        return markup.page("Pembayaran Midtrans", "Midtrans", parts)

    # Xendit's checkout

    def _checkout(self, request: Request, key: str) -> Answer:
        with self.xendit.lock:
            invoice = self.xendit.invoice(key)
            if invoice is None:
                return _unknown("Xendit")
            asked = request.form() if request.method == "POST" else {}
            channel, act = asked.get("channel"), asked.get("act")
            if act == "pay" and channel in XENDIT_CHANNELS and invoice.is_open:
                self.xendit.pay_invoice(invoice, channel)
                return Answer.redirect(invoice.success_url or request.path)
            return _checkout_page(invoice, denied=act == "deny" and invoice.is_open)

    # Virtual accounts

    def _accounts(self, request: Request) -> Answer:
        number = "".join(filter(str.isdigit, request.query.get("number", "")))
        if number:
            return Answer.redirect(f"/simulator/{quote(number)}")
        with self.midtrans.lock, self.xendit.lock:
            waiting = "".join(self._waiting())
        listed = (
            f'<ul class="waiting">{waiting}</ul>'
            if waiting
            else "<p>Belum ada. Pilih virtual account saat membayar di toko.</p>"
        )
        parts = [_number_form(), "<h2>Menunggu pembayaran</h2>", listed]
        return markup.page("Bayar virtual account", "Bank", parts)

    def _account(self, request: Request, number: str) -> Answer:
        with self.midtrans.lock, self.xendit.lock:
            found = self.midtrans.by_number(number) or self.midtrans.by_number(number.removeprefix(BILLER))
            found = found or self.xendit.by_number(number)
            if found is None:
                parts = [markup.message("Nomor ini tidak dikenal.", "failed"), _number_form(number)]
                return markup.page("Bayar virtual account", "Bank", parts, 404)
            if request.method == "POST" and found.is_open:
                self.midtrans.settle(found) if isinstance(found, Transaction) else self.xendit.pay_account(found)
                return Answer.redirect(request.path)
            return _account_page(found)

    def _waiting(self) -> Iterator[str]:
        """A line for each virtual account that can be paid, the newest first."""
        found = [
            kept for kept in self.midtrans.transactions.values() if kept.number and kept.is_open and not kept.is_due
        ]
        found += [kept for kept in self.xendit.accounts.values() if kept.is_open and not kept.is_due]
        for kept in sorted(found, key=lambda kept: kept.made_at, reverse=True):
            bank, number, order, _payer, amount = _told(kept)
            what = f"{bank}, {order}, {markup.rupiah(amount)}"
            yield (
                f'<li><a href="/simulator/{escape(number)}"><span class="number">{escape(number)}</span>'
                f'<span class="what">{escape(what)}</span></a></li>'
            )


_ROUTES = (
    ("GET", r"/", "_start"),
    ("GET", r"/simulator\.css", "_style"),
    ("GET", r"/snap/v4/redirection/([^/]+)", "_snap"),
    ("POST", r"/snap/v4/redirection/([^/]+)", "_snap"),
    ("GET", r"/xendit/web/([^/]+)", "_checkout"),
    ("POST", r"/xendit/web/([^/]+)", "_checkout"),
    ("GET", r"/simulator/?", "_accounts"),
    ("GET", r"/simulator/([0-9]+)/?", "_account"),
    ("POST", r"/simulator/([0-9]+)/?", "_account"),
)


def _checkout_page(invoice: Invoice, *, denied: bool) -> Answer:
    amount = markup.rupiah(invoice.amount)
    rows = {
        "Tagihan": invoice.external_id,
        "Untuk": invoice.description,
        "Pembayar": invoice.payer or invoice.email,
        "Bayar sebelum": markup.when(invoice.expires_at),
    }
    parts = [markup.facts(rows, amount)]
    if invoice.is_open:
        if denied:
            parts.append(markup.message(DENIED, "failed"))
        buttons = {"pay": f"Bayar {amount}", "deny": "Tolak"}
        parts.append(markup.form([markup.choices("Cara membayar", "channel", XENDIT_CHANNELS)], buttons))
        parts.append(markup.link(invoice.failure_url or invoice.success_url, f"{BACK} tanpa membayar"))
    else:
        parts.append(markup.message(*ENDED["expire" if invoice.status == "EXPIRED" else "settlement"]))
        parts.append(markup.link(invoice.success_url, BACK))
    return markup.page("Pembayaran Xendit", "Xendit", parts)


def _account_page(found: Transaction | Account) -> Answer:
    bank, number, order, payer, amount = _told(found)
    rows = {"Bank": bank, "Nomor": number, "Tagihan": order, "Pembayar": payer}
    parts = [markup.facts(rows | {"Bayar sebelum": markup.when(found.expires_at)}, markup.rupiah(amount))]
    if found.is_open:
        parts.append(markup.form([], {"pay": f"Bayar {markup.rupiah(amount)}"}))
    else:
        paid = found.payments if isinstance(found, Account) else found.paid_at
        parts.append(
            markup.message(*ENDED["settlement" if paid else "cancel" if found.status == "cancel" else "expire"])
        )
        parts.append("<p>Anda boleh menutup halaman ini dan kembali ke toko.</p>")
    return markup.page("Bayar virtual account", bank, parts)


def _told(found: Transaction | Account) -> tuple[str, str, str, str, str]:
    """Bank, number, the shop's order, payer and amount."""
    if isinstance(found, Account):
        return found.bank_code, found.account_number, found.external_id, found.name, found.amount
    bank = found.bank.upper() if len(found.bank) == 3 else found.bank.capitalize()
    number = f"{BILLER}{found.number}" if found.bank == "mandiri" else found.number
    return bank, number, found.order_id, found.payer, found.amount


def _number_form(number: str = "") -> str:
    """A GET form: the page of a number has an address that can be kept."""
    return (
        '<form method="get" action="/simulator/"><div class="field"><label for="number">Nomor virtual account</label>'
        f'<input id="number" name="number" inputmode="numeric" autocomplete="off" required value="{escape(number)}"></div>'
        '<div class="buttons"><button class="primary">Lihat tagihan</button></div></form>'
    )


def _unknown(provider: str) -> Answer:
    return markup.page("Pembayaran tidak ditemukan", provider, ["<p>Alamat ini tidak dikenal oleh simulator.</p>"], 404)
