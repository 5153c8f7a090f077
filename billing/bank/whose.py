"""Which of the shop's accounts a delivery is of, by the numbers that its folder, its email or the file itself names.

Accounts that are not offered to customers any more still receive money, so they count too.
"""

import re
from collections.abc import Iterable

from django.utils.translation import gettext as _
from lxml import etree

from billing.bank import messages, tables
from billing.bank.rows import StatementError
from billing.models import BankAccount

# Shorter numbers are found in any text by chance.
LEAST_DIGITS = 6
MT940_ACCOUNT = re.compile(r"^:25P?:\s*(.+)$", re.MULTILINE)
ACCOUNT_HEADINGS = frozenset(
    {"accountno", "accountnumber", "account", "norekening", "norek", "nomorrekening", "rekening"}
)


class Unclear(Exception):
    """Staff has to say whose it is; the words say why."""


def of_number(number: str, bank: str = "") -> BankAccount:
    """By its digits, and by the bank where two banks gave the same number. Raises ``Unclear``."""
    return _only_one(number, bank, f"{bank} {number}".strip())


def of_folder(name: str) -> BankAccount:
    """By a folder's name: the account's digits, or ``<bank>-<digits>`` as the shop names its own. Raises ``Unclear``."""
    found = re.fullmatch(r"(?P<bank>\D*?)(?P<number>\d[\d .-]*)", name)
    return _only_one(found["number"], found["bank"], name) if found else _only_one("", "", name)


def _only_one(number: str, bank: str, said: str) -> BankAccount:
    digits = _digits(number)
    found = [
        account
        for account in BankAccount.objects.all()
        if digits and account.digits == digits and _plain(bank) in ("", _plain(account.bank))
    ]
    if len(found) == 1:
        return found[0]
    if found:
        raise Unclear(_("Lebih dari satu rekening bernomor “%(said)s”.") % {"said": said})
    raise Unclear(_("“%(said)s” bukan nomor rekening toko ini.") % {"said": said})


def folder_of(account: BankAccount) -> str:
    return f"{_plain(account.bank)}-{account.digits}"


def of_texts(texts: Iterable[str], content: bytes) -> BankAccount:
    """By an email's subject and a file's name, and by the file itself: exactly one account must fit. Raises ``Unclear``."""
    texts = [*texts, *told_by(content), *_above_the_table(content)]
    found = [account for account in BankAccount.objects.all() if _is_in(account, texts)]
    if len(found) == 1:
        return found[0]
    if found:
        numbers = ", ".join(str(account) for account in found)
        raise Unclear(_("Lebih dari satu rekening disebut: %(accounts)s.") % {"accounts": numbers})
    raise Unclear(_("Tidak ada nomor rekening toko ini di judul email, nama berkas atau isinya."))


def agrees(content: bytes, account: BankAccount) -> None:
    """Raises ``Unclear`` where the file itself names another account, or several."""
    told = told_by(content)
    if len(told) > 1:
        raise Unclear(
            _("Berkas ini berisi mutasi beberapa rekening: %(accounts)s. Unduh satu berkas untuk setiap rekening.")
            % {"accounts": ", ".join(sorted(told))}
        )
    if told and not all(account.digits in _digits(number) for number in told):
        raise Unclear(
            _("Menurut isinya, berkas ini milik rekening %(told)s, bukan %(account)s.")
            % {"told": ", ".join(told), "account": account}
        )


def told_by(content: bytes) -> set[str]:
    """The accounts that a file in one of the standard formats is of; CSV files have no place for it."""
    if messages.is_mt940(content):
        return {one.strip() for one in MT940_ACCOUNT.findall(tables.decode(content))}
    if messages.is_camt(content):
        return _of_camt(content)
    return set()


def _of_camt(content: bytes) -> set[str]:
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)
    try:
        root = etree.fromstring(content, parser)
    except etree.XMLSyntaxError:
        # Reading it says what is wrong.
        return set()
    found = root.xpath(
        "//*[local-name()='Stmt']/*[local-name()='Acct']/*[local-name()='Id']"
        "//*[local-name()='IBAN' or (local-name()='Id' and not(*))]/text()"
    )
    return {str(one).strip() for one in found if str(one).strip()}


def _above_the_table(content: bytes) -> list[str]:
    """Where banks write the account into a CSV file: above the table, or in a column of its own."""
    if messages.is_mt940(content) or messages.is_camt(content):
        return []
    try:
        table = tables.read_table(content)
    except StatementError:
        return []
    places = [place for place, name in enumerate(table.headings) if _plain(name) in ACCOUNT_HEADINGS]
    cells = {cells[place] for _number, cells in table.rows for place in places if place < len(cells)}
    return [table.before, *sorted(cells)]


def _is_in(account: BankAccount, texts: Iterable[str]) -> bool:
    """Whether one of them has the number, with spaces, dots or dashes between its digits, and as no part of a longer one."""
    digits = account.digits
    if len(digits) < LEAST_DIGITS:
        return False
    pattern = re.compile(r"(?<!\d)" + r"[ .-]?".join(digits) + r"(?!\d)")
    return any(pattern.search(text) for text in texts)


def _digits(text: str) -> str:
    return "".join(re.findall(r"\d", text))


def _plain(text: str) -> str:
    return re.sub(r"[^a-z0-9]+", "", text.lower())
