from django.urls import path

from accounts.views import invitations, mail, members, profile

app_name = "accounts"
urlpatterns = [
    path("profile/", profile.profile, name="profile"),
    path("profile/customer/", profile.customer, name="customer"),
    path("switch/", profile.switch_customer, name="switch-customer"),
    path("members/", members.members, name="members"),
    path("members/invite/", members.invite, name="invite"),
    path("members/<int:pk>/role/", members.change_role, name="member-role"),
    path("members/<int:pk>/remove/", members.remove, name="member-remove"),
    path("members/invitations/<int:pk>/resend/", members.resend_invitation, name="invitation-resend"),
    path("members/invitations/<int:pk>/revoke/", members.revoke_invitation, name="invitation-revoke"),
    path("invitations/<str:token>/", invitations.invitation, name="invitation"),
    path("emails/", mail.emails, name="emails"),
    path("emails/<int:pk>/", mail.email, name="email"),
]
