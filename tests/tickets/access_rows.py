"""Who may visit what of the customers' ticket pages and of the knowledge base."""

from accounts.roles import Role
from tests import factories
from tests.access import LOGIN, Row, World, members_only, public, signed_in, staff_only
from tests.tickets import desk, help_rows
from tickets import inbound
from tickets.models import Attachment, Ticket


def _ticket(world: World) -> Ticket:
    return desk.open_one(world.customer, factories.department(), files=[desk.text_file()])


def _number(world: World) -> dict:
    return {"number": _ticket(world).number}


def _closed(world: World) -> dict:
    return {"number": factories.ticket(world.customer, status="closed").number}


def _file(world: World) -> dict:
    made = _ticket(world)
    return {"number": made.number, "pk": Attachment.objects.get(message__ticket=made).pk}


def _page(url: str, **more) -> Row:
    """Of one ticket: colleagues who neither opened nor wrote in it see it if their role sees all."""
    return members_only(url, **{"lesser": 403, "lesser_role": Role.TECHNICAL, "make": _number, **more})


def _act(url: str, **more) -> Row:
    return _page(url, **{"method": "post", "allowed": 302, **more})


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

_PAGES = [
    signed_in("tickets:tickets"),
    signed_in("tickets:new", lesser=403),
    signed_in("tickets:new", method="post", status=422, lesser=403),
    public("tickets:new-short", status=302),
    public("tickets:new-legacy", status=302),
    _page("tickets:ticket"),
    _page("tickets:reply", allowed=302),
    _act("tickets:reply", allowed=422),
    _act("tickets:close"),
    _act("tickets:reopen", make=_closed),
    _act("tickets:rate", make=_closed, data=lambda world: {"good": "1"}),
    _page("tickets:attachment", make=_file),
    Row(
        "tickets:attachment",
        make=_file,
        permissions=("tickets.view_ticket", "tickets.see_all_departments"),
        lesser_role=Role.TECHNICAL,
        anonymous=LOGIN,
        stranger=404,
        lesser=403,
        staff=404,
        allowed=200,
    ),
]


def _email(world):
    return inbound.receive(raw=b"From: x@jahat.example", provider="imap")


def _refused_email(world) -> dict[str, object]:
    inbound.process(_email(world).pk)
    return {"object_id": _email(world).pk, "button": "again"}


_INBOUND = [
    # Shut, unless a provider was set up; tests/tickets/test_webhook.py opens it.
    public("tickets:inbound-webhook", method="post", make=lambda world: {"provider": "postmark"}, status=404),
    staff_only(
        "admin:tickets_inboundemail_raw",
        "tickets.view_inboundemail",
        make=lambda world: {"object_id": _email(world).pk},
    ),
    staff_only("admin:tickets_inboundemail_press", "tickets.change_inboundemail", make=_refused_email),
]
ROWS = [*_PAGES, *_HELP, *_INBOUND]
