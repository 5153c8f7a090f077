"""Who may open the pages of tickets and of the knowledge base."""

from tests.access import public, signed_in
from tests.tickets import help_rows


def _article(world) -> dict[str, str]:
    article = help_rows.article()
    return {"category_slug": article.category.slug, "article_slug": article.slug}


_HELP = [
    public("tickets:help"),
    public("tickets:help-category", make=lambda world: {"category_slug": help_rows.category().slug}),
    public("tickets:article", make=_article),
    public("tickets:article-vote", method="post", make=_article, data=lambda world: {"helpful": "yes"}, status=302),
    signed_in("tickets:suggestions", query=lambda world: {"subject": "tagihan"}),
]
ROWS = [*_HELP]
