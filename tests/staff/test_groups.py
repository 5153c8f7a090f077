"""The staff's groups are what the table in ``accounts.groups`` says."""

import pytest
from django.apps import apps
from django.contrib.auth.models import Group, Permission

from accounts import groups

pytestmark = pytest.mark.django_db


def names_of(group: str) -> set[str]:
    permissions = Group.objects.get(name=group).permissions.select_related("content_type")
    return {f"{one.content_type.app_label}.{one.codename}" for one in permissions}


@pytest.mark.parametrize("group", groups.GROUPS)
def test_each_group_has_exactly_its_permissions(group):
    assert names_of(group) == groups.permissions_of(group)


def test_setting_up_again_takes_away_what_was_added_by_hand_and_keeps_other_groups():
    support = Group.objects.get(name=groups.SUPPORT)
    own = Group.objects.create(name="Gudang")
    verify = Permission.objects.get(codename="verify_payment")
    support.permissions.add(verify)
    own.permissions.add(verify)
    groups.set_up(apps.get_app_config("billing"))
    assert names_of(groups.SUPPORT) == groups.permissions_of(groups.SUPPORT)
    assert names_of("Gudang") == {"billing.verify_payment"}


def test_k3_only_billing_and_administrators_verify_payments():
    may = {name for name in groups.GROUPS if "billing.verify_payment" in groups.permissions_of(name)}
    assert may == {groups.BILLING, groups.ADMINISTRATOR}


def test_no_group_gives_rights_away_or_deletes_documents():
    for name in groups.GROUPS:
        permissions = groups.permissions_of(name)
        assert not {one for one in permissions if one.startswith("auth.")}
        deleted = {one for one in permissions if one.startswith(("billing.delete", "accounts.delete"))}
        # A holiday is no document: a wrong one goes.
        assert deleted <= {"accounts.delete_holiday"}
