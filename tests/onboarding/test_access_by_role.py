"""ON3, M1b: which role of which product opens the tracker, on every page of it."""

import pytest
from django.urls import reverse

from onboarding.models import Case, ProductRole, Signature
from tests import factories
from tests.onboarding import journey, signed

JURNAL = {"owner": 200, "ultimate": 200, "accountant": 403, "sales": 403, "": 403}
TALENTA = {"super_admin": 200, "admin": 200, "employee": 403, "": 403}
ROLES = [("Jurnal", JURNAL, key) for key in JURNAL] + [("Talenta", TALENTA, key) for key in TALENTA]


def product_of(name: str, table: dict[str, int]):
    made = factories.product(name_id=name)
    for sort, (key, status) in enumerate(table.items()):
        if key:
            opens = status == 200
            ProductRole.objects.create(
                product=made, key=key, name_id=key.replace("_", " ").title(), sees_tracker=opens, signs=opens, sort=sort
            )
    return made


def addresses(case: Case) -> list[str]:
    """Every page and file of a case."""
    session = journey.appointment(case, "training", journey.START)
    document = signed.share(case)
    version = document.versions.get()
    signature = Signature.objects.create(
        version=version, way="uploaded", signer=factories.user(), name="Sari", file=version.file.name,
        file_name="ditandatangani.pdf", content_type="application/pdf", signed_sha256=version.sha256,
    )  # fmt: skip
    signed.form_of(case)
    return [
        case.get_absolute_url(),
        reverse("onboarding:stage", args=[case.number, "training"]),
        reverse("onboarding:schedule", args=[case.number]),
        reverse("onboarding:calendar", args=[case.number]),
        reverse("onboarding:appointment-ics", args=[case.number, session.pk]),
        reverse("onboarding:rate", args=[case.number, "training"]),
        reverse("onboarding:requirements", args=[case.number]),
        reverse("onboarding:document", args=[document.pk]),
        reverse("onboarding:version", args=[version.pk]),
        reverse("onboarding:signature-file", args=[signature.pk]),
    ]


def answers(client, case: Case) -> set[int]:
    return {client.get(address).status_code for address in addresses(case)}


@pytest.mark.parametrize(("name", "table", "key"), ROLES, ids=lambda value: value if isinstance(value, str) else "")
def test_on3_the_products_own_roles_decide(client, customer, name, table, key):
    product = product_of(name, table)
    case = journey.case_at("initial_call", customer, product)
    person = factories.member(customer).user
    if key:
        journey.give(customer, person, product, key)
    client.force_login(person)
    assert answers(client, case) == {table[key]}


def test_on3_a_role_in_one_product_opens_no_other(client, customer, owner):
    jurnal, talenta = product_of("Jurnal", JURNAL), product_of("Talenta", TALENTA)
    journey.give(customer, owner, jurnal, "owner")
    client.force_login(owner)
    assert client.get(journey.case_at("training", customer, jurnal).get_absolute_url()).status_code == 200
    assert client.get(journey.case_at("training", customer, talenta).get_absolute_url()).status_code == 403


def test_on3_a_role_at_one_company_opens_nothing_of_another(client, customer, owner, product):
    other = factories.customer()
    case = journey.case_at("training", other, product)
    journey.give(customer, owner, product, "owner")
    client.force_login(owner)
    assert answers(client, case) == {404}


def test_m1b_the_page_names_who_can_help_and_leaks_nothing(client, case, owner, accountant, pic):
    journey.assign(case, pic)
    client.force_login(accountant)
    response = client.get(case.get_absolute_url())
    html = response.content.decode()
    assert response.status_code == 403
    assert owner.get_full_name() in html
    assert owner.email in html
    assert "Owner, Ultimate" in html
    for secret in (pic.name, pic.email, "Pengumpulan kebutuhan", "tahap", case.number):
        assert secret not in html.replace(case.get_absolute_url(), "")


def test_m1b_an_owner_without_a_role_can_give_it_to_themselves(client, case, customer):
    boss = factories.member(customer, role="owner").user
    client.force_login(boss)
    assert "Sebagai pemilik" in client.get(case.get_absolute_url()).content.decode()


def test_a_lost_role_closes_the_tracker_at_once(client, case, owner):
    client.force_login(owner)
    assert client.get(case.get_absolute_url()).status_code == 200
    owner.memberships.get().product_roles.all().delete()
    assert client.get(case.get_absolute_url()).status_code == 403
