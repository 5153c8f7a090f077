"""Who a session belongs to: the person, and in the same query the customers that the person acts for."""

from allauth.account.auth_backends import AuthenticationBackend

from accounts.models import Membership, User


class MemberBackend(AuthenticationBackend):
    """allauth's sign-in by email. ``user.known_memberships`` holds the memberships, so that no page asks for them again."""

    def get_user(self, user_id: int) -> User | None:
        memberships = list(Membership.objects.filter(user=user_id).select_related("user", "customer").order_by("pk"))
        user = memberships[0].user if memberships else super().get_user(user_id)
        if user is None or not self.user_can_authenticate(user):
            return None
        user.known_memberships = memberships
        return user
