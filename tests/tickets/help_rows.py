"""Articles and announcements for tests."""

import itertools
from datetime import timedelta

from django.utils import timezone

from tickets.models import Announcement, Article, KnowledgeCategory

_numbers = itertools.count(1)


def category(**fields) -> KnowledgeCategory:
    number = next(_numbers)
    defaults = {"slug": f"kategori-{number}", "name_id": f"Kategori {number}", "name_en": f"Category {number}"}
    return KnowledgeCategory.objects.create(**{**defaults, **fields})


def article(of: KnowledgeCategory | None = None, **fields) -> Article:
    number = next(_numbers)
    defaults = {
        "slug": f"artikel-{number}",
        "title_id": f"Artikel {number}",
        "title_en": f"Article {number}",
        "body_id": "Isi artikel.",
        "published": True,
    }
    return Article.objects.create(category=of or category(), **{**defaults, **fields})


def announcement(**fields) -> Announcement:
    number = next(_numbers)
    defaults = {
        "title_id": f"Pengumuman {number}",
        "body_id": "Pemeliharaan **malam ini**.",
        "starts_at": timezone.now() - timedelta(hours=1),
    }
    return Announcement.objects.create(**{**defaults, **fields})
