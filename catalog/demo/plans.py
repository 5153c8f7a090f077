"""Which plans of the demo shop customers can change between."""

from catalog.models import Product

GROUPS = ("cloud-hosting", "arupa-backup-365", "server-maintenance")


def load() -> None:
    """Every plan of a group to each of its others; a plan for which staff has decided stays as it is."""
    for group in GROUPS:
        plans = list(Product.objects.filter(group__slug=group).order_by("pk"))
        for plan in plans:
            if not plan.changes_to.exists():
                plan.changes_to.set([other for other in plans if other != plan])
