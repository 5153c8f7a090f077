"""The placeholders of canned replies: a fixed list, filled in by code (``tickets.canned``)."""

import re

PLACEHOLDERS = ("nama", "nomor_tiket", "layanan", "tagihan", "jumlah_tagihan", "staf", "toko")
PLACEHOLDER = re.compile(r"\{(\w+)\}")


def unknown_placeholders(text: str) -> list[str]:
    """What stands in braces and is none of ``PLACEHOLDERS``, each once, in the order of the text."""
    return list(dict.fromkeys(name for name in PLACEHOLDER.findall(text) if name not in PLACEHOLDERS))
