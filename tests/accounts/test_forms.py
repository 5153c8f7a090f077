import pytest

from accounts.forms import CustomerForm, InviteForm, PersonForm
from accounts.models import Customer

FIELDS = {
    "kind": "person",
    "name": "Sari Dewi",
    "npwp": "",
    "nik": "",
    "billing_email": "sari@example.com",
    "phone": "0812 3456 7890",
    "address": "Jl. Kenanga 8",
    "city": "Sleman",
    "province": "DI Yogyakarta",
    "postal_code": "55281",
}
ONE_LINE_BREAKERS = {
    "CR": "a\rb",
    "LF": "a\nBcc: x@example.com",
    "line separator": "a\u2028b",
    "NUL": "a\x00b",
    "lone surrogate": "a\ud800b",
    "invisible only": "\u200b\u200d",
}


def cleaned(**changes) -> dict:
    form = CustomerForm({**FIELDS, **changes})
    assert form.is_valid(), form.errors
    return form.cleaned_data


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("081234567890", "+6281234567890"),
        ("0812-3456-7890", "+6281234567890"),
        ("+62 812 3456 7890", "+6281234567890"),
        ("62 812 3456 7890", "+6281234567890"),
        ("(0274) 512345", "+62274512345"),
        ("+65 6123 4567", "+6561234567"),
    ],
)
def test_a_telephone_number_is_kept_in_international_form(typed, kept):
    assert cleaned(phone=typed)["phone"] == kept


@pytest.mark.parametrize("typed", ["12", "telepon saya", "08123456789012345678", "+62", "0812\n3456"])
def test_what_is_no_telephone_number_is_refused_with_an_example(typed):
    form = CustomerForm({**FIELDS, "phone": typed})
    assert list(form.errors) == ["phone"]


def test_tax_numbers_may_be_typed_with_their_punctuation():
    data = cleaned(npwp="01.234.567.8-901.000", nik="3404 0112 3456 0001")
    assert (data["npwp"], data["nik"]) == ("012345678901000", "3404011234560001")


def test_a_company_has_no_nik():
    assert cleaned(kind="company", nik="3404011234560001")["nik"] == ""


@pytest.mark.parametrize(
    ("field", "typed"),
    [("npwp", "123"), ("nik", "12345"), ("postal_code", "5528"), ("province", "Atlantis"), ("kind", "robot")],
)
def test_a_wrong_value_is_refused_at_its_own_field(field, typed):
    form = CustomerForm({**FIELDS, field: typed})
    assert list(form.errors) == [field]


@pytest.mark.parametrize("broken", ONE_LINE_BREAKERS.values(), ids=ONE_LINE_BREAKERS)
@pytest.mark.parametrize("field", ["name", "address", "city", "billing_email", "phone"])
def test_one_line_fields_refuse_what_people_cannot_see(field, broken):
    form = CustomerForm({**FIELDS, field: broken})
    assert list(form.errors) == [field]


@pytest.mark.parametrize("broken", ONE_LINE_BREAKERS.values(), ids=ONE_LINE_BREAKERS)
def test_a_persons_name_is_one_visible_line(broken):
    assert list(PersonForm({"name": broken, "language": "id"}).errors) == ["name"]


@pytest.mark.parametrize("broken", ONE_LINE_BREAKERS.values(), ids=ONE_LINE_BREAKERS)
def test_an_invitation_goes_to_one_address(broken):
    assert list(InviteForm({"email": broken, "role": "viewer"}).errors) == ["email"]


def test_addresses_are_kept_in_lower_case():
    assert cleaned(billing_email="Sari@Example.COM")["billing_email"] == "sari@example.com"


def test_the_form_takes_what_a_customer_may_say_about_itself_and_no_more():
    every_field = {field.name: "1" for field in Customer._meta.get_fields()}
    form = CustomerForm({**every_field, **FIELDS})
    assert form.is_valid()
    assert set(form.cleaned_data) == set(FIELDS)
