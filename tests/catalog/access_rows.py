"""Who may open the catalog's pages."""

from tests import factories
from tests.access import public


def a_group(world) -> dict[str, str]:
    return {"group_slug": factories.product().group.slug}


ROWS = [
    public("home"),
    public("catalog:store"),
    public("catalog:group", make=a_group),
    public("catalog:group", make=lambda world: {"group_slug": factories.group(hidden=True).slug}, status=404),
]
