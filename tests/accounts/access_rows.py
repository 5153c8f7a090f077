from django.utils import timezone

from accounts.models import OutboxEmail
from accounts.roles import Role
from tests import factories
from tests.access import LOGIN, Row, World, public, signed_in
from tests.accounts.invited import invite


def _member(world: World) -> dict:
    return {"pk": factories.member(world.customer).pk}


def _invitation(world: World) -> dict:
    invitation, _token = invite(world.customer, world.owner)
    return {"pk": invitation.pk}


def _token(world: World) -> dict:
    _invitation, token = invite(world.customer, world.owner)
    return {"token": token}


def _email(world: World) -> dict:
    row = OutboxEmail.objects.create(
        key=f"access:{world.customer.pk}:{timezone.now().timestamp()}",
        to="x@example.com",
        customer=world.customer,
        template="accounts/security_notice",
        status=OutboxEmail.Status.SENT,
        sent_at=timezone.now(),
    )
    return {"pk": row.pk}


def _role(world: World) -> dict:
    return {"role": Role.TECHNICAL}


def _managers_only(url: str, **more) -> Row:
    return Row(url, method="post", anonymous=LOGIN, stranger=404, lesser=403, staff=404, allowed=302, **more)


ROWS = [
    signed_in("accounts:profile"),
    Row("accounts:customer", anonymous=LOGIN, stranger=200, lesser=403, staff=200, allowed=200),
    signed_in("accounts:switch-customer"),
    Row(
        "accounts:switch-customer",
        method="post",
        data=lambda world: {"customer": world.customer.pk},
        anonymous=LOGIN,
        stranger=404,
        lesser=302,
        staff=404,
        allowed=302,
    ),
    signed_in("accounts:members"),
    Row(
        "accounts:invite",
        method="post",
        data=lambda world: {"email": f"orang-baru-{world.customer.pk}@example.com", "role": Role.VIEWER},
        anonymous=LOGIN,
        # A stranger invites to their own company; somebody without one has nothing to invite to.
        stranger=302,
        lesser=403,
        staff=404,
        allowed=302,
    ),
    _managers_only("accounts:member-role", make=_member, data=_role),
    _managers_only("accounts:member-remove", make=_member),
    # Staff act for no customer: they see the page that says so.
    Row("accounts:member-remove", make=_member, anonymous=LOGIN, stranger=404, lesser=403, staff=200, allowed=200),
    _managers_only("accounts:invitation-resend", make=_invitation),
    _managers_only("accounts:invitation-revoke", make=_invitation),
    # Whoever holds the link sees who invites; only the invited address may accept.
    public("accounts:invitation", make=_token),
    public("accounts:invitation", status=404, make=lambda world: {"token": "no-such-token"}),
    Row(
        "accounts:invitation",
        method="post",
        make=_token,
        anonymous=LOGIN,
        stranger=422,
        lesser=422,
        staff=422,
        allowed=422,
    ),
    signed_in("accounts:emails"),
    Row(
        "accounts:email",
        make=_email,
        lesser_role=Role.TECHNICAL,
        anonymous=LOGIN,
        stranger=404,
        lesser=404,
        staff=404,
        allowed=200,
    ),
]
