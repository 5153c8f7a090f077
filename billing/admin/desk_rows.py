"""How the payment desk shows its queue: its rows, its tabs, and what is said of statement lines."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.http import HttpRequest, QueryDict
from django.urls import reverse
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from accounts import dates
from accounts.models import Shop
from accounts.promises import Promise
from billing import desk, transfer_codes, transfer_groups
from billing.bank import candidates, pairing, recorded
from billing.models import Invoice, PaymentConfirmation, StatementLine
from catalog.money import ZERO, format_money, total_of

TABS = {
    desk.ALL: _("Semua"),
    desk.CONFIRMATIONS: _("Konfirmasi"),
    desk.WITH_LINE: _("Konfirmasi dengan mutasi"),
    desk.WITHOUT_LINE: _("Konfirmasi tanpa mutasi"),
    desk.LINES: _("Mutasi tanpa konfirmasi"),
}


@dataclass(frozen=True)
class Tab:
    label: str
    address: str
    count: int
    current: bool


def show_of(request: HttpRequest) -> str:
    """The part of the queue that the person works through; unknown words are all of it."""
    asked = request.GET.get("show", desk.ALL)
    return asked if asked in desk.SHOWS else desk.ALL


def address(name: str, show: str, *args: int) -> str:
    """A page of the desk, in the part of the queue that the person works through."""
    query = QueryDict(mutable=True)
    if show:
        query["show"] = show
    return reverse(f"admin:{name}", args=args) + (f"?{query.urlencode()}" if query else "")


def address_of(place: desk.Place | None, show: str) -> str:
    """The page where it is decided; where nothing is left, the desk."""
    if place is None:
        return address("billing_desk", show)
    if place.confirmation is not None:
        return address("billing_desk_confirmation", show, place.confirmation)
    return address("billing_line_review", show, place.line)


def tabs(queue: desk.Queue, show: str) -> list[Tab]:
    counts = queue.counts()
    return [Tab(str(label), address("billing_desk", key), counts[key], key == show) for key, label in TABS.items()]


@dataclass(frozen=True)
class Around:
    """Where something stands in the queue, and the pages before and after it."""

    previous: str
    following: str
    position: int | None
    count: int


def around(queue: desk.Queue, key: desk.Key, show: str) -> Around:
    found = queue.around(key, show)
    return Around(
        previous=address_of(found.previous, show) if found.previous else "",
        following=address_of(found.following, show) if found.following else "",
        position=found.position,
        count=found.count,
    )


@dataclass(frozen=True)
class Comparison:
    """What the invoice still asks for, less PPh 23 that is kept back, against what the customer says was sent."""

    expected: Decimal
    claimed: Decimal
    currency: str

    @classmethod
    def of(cls, group: Sequence[PaymentConfirmation]) -> "Comparison":
        """Of all the invoices that one transfer pays."""
        expected = transfer_codes.asked_for([one.invoice for one in group])
        if group[0].status == PaymentConfirmation.Status.SUBMITTED:
            expected -= total_of(one.withheld for one in group)
        return cls(expected, transfer_groups.total(group), group[0].currency)

    @property
    def difference(self) -> Decimal:
        return self.claimed - self.expected

    @property
    def exact(self) -> bool:
        return self.difference == ZERO

    @property
    def tone(self) -> str:
        if self.exact:
            return "good"
        return "bad" if self.difference < ZERO else "warn"

    @property
    def words(self) -> str:
        if self.exact:
            return gettext("Pas")
        amount = format_money(abs(self.difference), self.currency)
        return (
            gettext("Kurang %(amount)s") % {"amount": amount}
            if self.difference < ZERO
            else gettext("Lebih %(amount)s") % {"amount": amount}
        )


@dataclass(frozen=True)
class Saying:
    """A few words in a tone of ``.tag``, and what more there is to say."""

    words: str
    tone: str = ""
    detail: str = ""


@dataclass(frozen=True)
class Reason:
    words: str
    speaks_for: bool = True


def reasons(fit: pairing.Fit) -> list[Reason]:
    """Why a line may be the transfer, the strongest first, and what speaks against it."""
    said = {
        pairing.AMOUNT: gettext("Jumlahnya sama dengan yang diisi pelanggan"),
        pairing.NUMBER: gettext("Nomor tagihan ada di keterangan"),
        pairing.SENDER: gettext("Nama pengirimnya sama"),
        pairing.BUYER: gettext("Nama pelanggan ada di keterangan"),
    }
    found = [Reason(words) for sign, words in said.items() if sign in fit.signs]
    found.append(Reason(_days(fit.days)))
    if fit.difference:
        found.append(Reason(_difference(fit.difference), speaks_for=False))
    if fit.contested:
        found.append(Reason(gettext("Cocok juga dengan konfirmasi lain"), speaks_for=False))
    return found


def _difference(difference: Decimal) -> str:
    words = (
        gettext("Kurang %(amount)s dari yang diisi pelanggan")
        if difference < ZERO
        else gettext("Lebih %(amount)s dari yang diisi pelanggan")
    )
    return words % {"amount": format_money(abs(difference))}


def _days(days: int) -> str:
    if not days:
        return gettext("Tanggalnya sama")
    words = (
        ngettext("Dibukukan %(count)d hari sebelumnya", "Dibukukan %(count)d hari sebelumnya", -days)
        if days < 0
        else ngettext("Dibukukan %(count)d hari sesudahnya", "Dibukukan %(count)d hari sesudahnya", days)
    )
    return words % {"count": abs(days)}


def of_fit(fit: pairing.Fit) -> Saying:
    """How surely a line is the transfer."""
    detail = " · ".join(reason.words for reason in reasons(fit))
    if fit.sure:
        return Saying(gettext("Terbukti di mutasi"), "success", detail)
    return Saying(gettext("Mungkin ada di mutasi"), "warning", detail)


def without_line(transferred_on: date, last_day: date | None) -> Saying:
    """Why no line proves a transfer: its day is not there yet, or it is and does not hold it."""
    if last_day is None:
        return Saying(gettext("Belum ada mutasi"), "", gettext("Mutasi rekening ini belum pernah diimpor."))
    day = {"day": dates.short_date(last_day)}
    if last_day == transferred_on:
        detail = gettext("Mutasi rekening ini baru sampai %(day)s, hari transfernya, dan belum memuat transfer ini.")
        return Saying(gettext("Mutasi belum sampai"), "", detail % day)
    if last_day < transferred_on:
        detail = gettext("Mutasi rekening ini baru sampai %(day)s: belum ada mutasi untuk tanggal transfer ini.")
        return Saying(gettext("Mutasi belum sampai"), "", detail % day)
    detail = gettext("Mutasi rekening ini sampai %(day)s tidak memuat transfer ini.")
    return Saying(gettext("Tidak ada di mutasi"), "warning", detail % day)


@dataclass(frozen=True)
class Row:
    """One row of the queue: a confirmation with what proves it, or a line with what it is most likely for."""

    address: str
    promise: Promise | None = None
    confirmation: PaymentConfirmation | None = None
    invoices: Sequence[Invoice] = ()
    comparison: Comparison | None = None
    proof: Saying | None = None
    line: StatementLine | None = None
    candidate: candidates.Candidate | None = None
    known: recorded.Recorded | None = None


def rows(places: Sequence[desk.Place], show: str) -> list[Row]:
    """By the same few queries however many places."""
    told = desk.groups([place.confirmation for place in places if place.confirmation])
    ids = [place.line or (place.fit and place.fit.line) for place in places]
    lines = StatementLine.objects.select_related("account").in_bulk([pk for pk in ids if pk])
    alone = [lines[place.line] for place in places if place.line in lines]
    likely, known = candidates.nearest(alone), recorded.of(alone)
    last_days, shop = desk.last_days(), Shop.current()
    found = []
    for place in places:
        if place.confirmation in told:
            found.append(_row_of_confirmation(place, told[place.confirmation], lines, last_days, shop, show))
        elif place.line in lines:
            line = lines[place.line]
            before = known.get(line.pk, [None])[0]
            found.append(Row(address_of(place, show), line=line, candidate=likely.get(line.pk), known=before))
    return found


def _row_of_confirmation(
    place: desk.Place,
    group: Sequence[PaymentConfirmation],
    lines: Mapping[int, StatementLine],
    last_days: Mapping[int, date],
    shop: Shop,
    show: str,
) -> Row:
    first = group[0]
    proof = of_fit(place.fit) if place.fit else without_line(first.transferred_on, last_days.get(first.bank_account_id))
    return Row(
        address_of(place, show),
        promise=Promise.of(first.submitted_at, shop.verification_minutes, shop=shop),
        confirmation=first,
        invoices=[one.invoice for one in group],
        comparison=Comparison.of(group),
        proof=proof,
        line=lines.get(place.fit.line) if place.fit else None,
    )
