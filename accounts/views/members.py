"""The customer's members and its open invitations."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts import invitations, limits
from accounts import members as services
from accounts.forms import InviteForm, RoleForm
from accounts.models import Customer, CustomerEvent, Invitation, Membership
from accounts.roles import ALLOWED, Ability, Role
from accounts.views.acting import for_customer

HISTORY_LENGTH = 10


@require_safe
@for_customer()
def members(request: HttpRequest, mine: Membership) -> HttpResponse:
    return _page(request, mine, InviteForm(initial={"role": Role.VIEWER}))


def _page(request: HttpRequest, mine: Membership, form: InviteForm, *, status: int = 200) -> HttpResponse:
    may_manage = mine.role in ALLOWED[Ability.MANAGE_MEMBERS]
    context = {
        "mine": mine,
        "customer_members": _members_with_forms(mine, may_manage),
        "may_manage": may_manage,
        "roles_table": [(ability, [role in ALLOWED[ability] for role in Role]) for ability in Ability],
        "roles": list(Role),
        "form": form,
    }
    if may_manage:
        context["invitations"] = mine.customer.invitations.filter(
            accepted_at=None, revoked_at=None, expires_at__gt=timezone.now()
        )
        context["events"] = CustomerEvent.objects.filter(customer=mine.customer).select_related("actor")[
            :HISTORY_LENGTH
        ]
    return render(request, "accounts/members.html", context, status=status)


def _members_with_forms(mine: Membership, may_manage: bool) -> list[tuple[Membership, RoleForm | None]]:
    """Each member, with the form that changes the role where the visitor may."""
    rows = Membership.objects.filter(customer=mine.customer).select_related("user").order_by("pk")
    return [
        (row, RoleForm(initial={"role": row.role}, auto_id=f"id_%s_{row.pk}") if _may_change(mine, row) else None)
        if may_manage
        else (row, None)
        for row in rows
    ]


def _may_change(mine: Membership, other: Membership) -> bool:
    return other.role != Role.OWNER or mine.role == Role.OWNER


@require_POST
@for_customer(Ability.MANAGE_MEMBERS)
def invite(request: HttpRequest, mine: Membership) -> HttpResponse:
    form = InviteForm(request.POST)
    if form.is_valid():
        problem = _invite(request, mine, form.cleaned_data["email"], Role(form.cleaned_data["role"]))
        if problem is None:
            messages.success(request, _("Undangan dikirim ke %(email)s.") % {"email": form.cleaned_data["email"]})
            return redirect("accounts:members")
        form.add_error(*problem)
    return _page(request, mine, form, status=422)


def _invite(request: HttpRequest, mine: Membership, email: str, role: Role) -> tuple[str | None, str] | None:
    """``None`` when the invitation is on its way, else the field and what is wrong."""
    if not limits.allow("invite", mine.customer_id):
        return None, _("Terlalu banyak undangan dalam satu jam. Coba lagi nanti.")
    try:
        invitations.invite(customer=mine.customer, email=email, role=role, actor=request.user)
    except invitations.AlreadyMember:
        return "email", _("Orang dengan alamat ini sudah menjadi anggota.")
    except services.NotYourRole:
        return "role", _("Hanya pemilik yang dapat mengundang pemilik.")
    return None


@require_POST
@for_customer(Ability.MANAGE_MEMBERS)
def change_role(request: HttpRequest, mine: Membership, pk: int) -> HttpResponse:
    membership = _member(mine.customer, pk)
    form = RoleForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("Pilih salah satu peran dari daftar."))
        return redirect("accounts:members")
    try:
        changed = services.change_role(membership=membership, role=Role(form.cleaned_data["role"]), actor=request.user)
    except services.LastOwner:
        messages.error(request, _("Pelanggan harus punya pemilik. Jadikan orang lain pemilik dahulu."))
    except services.NotYourRole:
        messages.error(request, _("Hanya pemilik yang dapat mengangkat atau mengubah pemilik."))
    else:
        messages.success(
            request,
            _("Peran %(name)s sekarang %(role)s.") % {"name": changed.user, "role": changed.get_role_display()},
        )
    return redirect("accounts:members")


@require_http_methods(["GET", "HEAD", "POST"])
@for_customer()
def remove(request: HttpRequest, mine: Membership, pk: int) -> HttpResponse:
    """Ask, then remove a member, or leave: the second needs no ability."""
    membership = _member(mine.customer, pk)
    leaving = membership.user_id == request.user.pk
    if not leaving and mine.role not in ALLOWED[Ability.MANAGE_MEMBERS]:
        return _page(request, mine, InviteForm(), status=403)
    if request.method != "POST":
        return render(request, "accounts/remove_member.html", {"membership": membership, "leaving": leaving})
    try:
        services.remove(membership=membership, actor=request.user)
    except services.LastOwner:
        messages.error(request, _("Pelanggan harus punya pemilik. Jadikan orang lain pemilik dahulu."))
    except services.NotYourRole:
        messages.error(request, _("Hanya pemilik yang dapat mengeluarkan pemilik."))
    else:
        messages.success(request, _("%(name)s bukan anggota lagi.") % {"name": membership.user})
        if leaving:
            return redirect("client-home")
    return redirect("accounts:members")


def _member(customer: Customer, pk: int) -> Membership:
    return get_object_or_404(Membership.objects.select_related("user", "customer"), pk=pk, customer=customer)


@require_POST
@for_customer(Ability.MANAGE_MEMBERS)
def resend_invitation(request: HttpRequest, mine: Membership, pk: int) -> HttpResponse:
    invitation = get_object_or_404(Invitation, pk=pk, customer=mine.customer)
    if not limits.allow("invite", mine.customer_id):
        messages.error(request, _("Terlalu banyak undangan dalam satu jam. Coba lagi nanti."))
        return redirect("accounts:members")
    try:
        invitations.resend(invitation=invitation, actor=request.user)
    except (invitations.InvitationClosed, services.NotYourRole):
        messages.error(request, _("Undangan ini tidak dapat dikirim ulang."))
    else:
        messages.success(request, _("Undangan dikirim ke %(email)s.") % {"email": invitation.email})
    return redirect("accounts:members")


@require_POST
@for_customer(Ability.MANAGE_MEMBERS)
def revoke_invitation(request: HttpRequest, mine: Membership, pk: int) -> HttpResponse:
    invitation = get_object_or_404(Invitation, pk=pk, customer=mine.customer)
    try:
        invitations.revoke(invitation=invitation, actor=request.user)
    except invitations.InvitationClosed:
        messages.error(request, _("Undangan ini sudah ditutup."))
    else:
        messages.success(request, _("Undangan untuk %(email)s dibatalkan.") % {"email": invitation.email})
    return redirect("accounts:members")
