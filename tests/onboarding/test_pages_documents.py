"""The documents page and a document's own: found by who may see them, downloaded, signed both ways (M5, ON3, ON5)."""

import pytest
from django.urls import reverse

from billing.models import Order
from onboarding import documents, signing
from onboarding.models import Document, Signature
from tests import factories
from tests.billing.shop import picture, place
from tests.onboarding import journey
from tests.onboarding.signed import fresh, newer, quote, send_signed, share, sign, upload

pytestmark = pytest.mark.django_db

LIST = "/client/documents/"


@pytest.fixture
def sales(case):
    person = factories.staff("onboarding.work_on_case", "onboarding.add_quotation")
    journey.assign(case, person)
    return person


def titles(response) -> list[str]:
    return [str(row.thing) for row in response.context["rows"]]


def form_data(document: Document, way: str = "typed", **changes) -> dict:
    data = {"version": documents.newest_version(document).number, "name": "Sari Dewi", "agree": "1", "total": ""}
    return {"way": way, **{f"{way}-{name}": value for name, value in {**data, **changes}.items()}}


def post(client, document: Document, way: str = "typed", **changes):
    return client.post(reverse("onboarding:sign", args=[document.pk]), form_data(document, way, **changes))


# The list


def test_m6_invoices_stand_beside_the_documents(signed_in, case, customer):
    document = share(case)
    invoice = place(customer, factories.product()).invoice
    assert set(titles(signed_in.get(LIST))) == {document.title, invoice.number}


def test_invoices_are_for_those_who_may_see_them(client, case, customer, product):
    technician = factories.member(customer, role="technical").user
    journey.give(customer, technician, product, "ultimate")
    share(case)
    place(customer, factories.product())
    client.force_login(technician)
    page = client.get(LIST)
    assert titles(page) == ["Kontrak layanan"]
    assert "invoice" not in dict(page.context["filter"].fields["kind"].choices)


def test_the_filter_finds_by_kind_state_case_and_words(signed_in, case, customer, owner, pic):
    sent, signed_one = share(case, title="Kontrak A"), share(case, title="Kontrak B")
    sign(signed_one, owner)
    share(case, title="Panduan", kind="material", needs_signature=False)
    invoice = place(customer, factories.product()).invoice
    for asked, expected in [
        ({"kind": "material"}, ["Panduan"]),
        ({"kind": "invoice"}, [invoice.number]),
        ({"state": "sign"}, [str(sent)]),
        ({"state": "signed"}, [str(signed_one)]),
        ({"q": "kontrak"}, ["Kontrak B", "Kontrak A"]),
        ({"case": case.number.lower()}, ["Panduan", "Kontrak B", "Kontrak A"]),
        ({"kind": "nonsense", "q": "panduan"}, ["Panduan"]),
    ]:
        assert titles(signed_in.get(LIST, asked)) == expected


def test_the_list_costs_the_same_for_one_and_for_three(
    signed_in, case, customer, owner, django_assert_num_queries
):  # fmt: skip
    product = factories.product()
    share(case)
    place(customer, product)
    signed_in.get(LIST)
    with django_assert_num_queries(8):
        signed_in.get(LIST)
    for _again in range(2):
        share(case)
        place(customer, product)
    with django_assert_num_queries(8):
        assert len(titles(signed_in.get(LIST))) == 6


def test_m1b_a_role_that_sees_nothing_is_told_whom_to_ask(client, case, customer, product, owner):
    technician = factories.member(customer, role="technical").user
    journey.give(customer, technician, product, "accountant")
    share(case)
    client.force_login(technician)
    page = client.get(LIST)
    assert page.status_code == 403
    assert owner.get_full_name() in page.content.decode()
    assert "Kontrak" not in page.content.decode()


def test_somebody_who_sees_invoices_sees_these_only(client, case, accountant, customer):
    share(case)
    invoice = place(customer, factories.product()).invoice
    client.force_login(accountant)
    page = client.get(LIST)
    assert titles(page) == [invoice.number]
    assert "Jurnal Plus" in page.content.decode()


def test_a_withdrawn_document_is_gone(signed_in, case, sales):
    document = share(case)
    version = document.versions.get()
    documents.withdraw(document=document, actor=sales)
    assert titles(signed_in.get(LIST)) == []
    for name, pk in [("document", document.pk), ("sign", document.pk), ("version", version.pk)]:
        assert signed_in.get(reverse(f"onboarding:{name}", args=[pk])).status_code == 404


def test_nobody_without_a_customer_sees_anything(client, case):
    share(case)
    client.force_login(factories.user())
    assert titles(client.get(LIST)) == []


# Reading


def test_the_page_shows_dates_versions_and_hashes(signed_in, case, owner, pic):
    document = share(case)
    sign(document, owner)
    newer(document, pic)
    page = signed_in.get(document.get_absolute_url())
    words = page.content.decode()
    for version in document.versions.all():
        assert reverse("onboarding:version", args=[version.pk]) in words
        assert version.sha256 in words
    assert "Tanda tangan versi 1" in words
    assert page.context["sign_forms"]["typed"]["version"].value() == 2


def test_a_download_is_an_attachment_that_runs_nothing(signed_in, case):
    version = share(case, words="Isi kontrak").versions.get()
    response = signed_in.get(reverse("onboarding:version", args=[version.pk]))
    assert b"".join(response.streaming_content).endswith(b"Isi kontrak")
    assert response["Content-Disposition"] == 'attachment; filename="kontrak.pdf"'
    assert response["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert response["X-Content-Type-Options"] == "nosniff"


def test_what_was_sent_signed_is_downloaded_under_its_name(signed_in, case, owner):
    signature = send_signed(share(case), owner)
    response = signed_in.get(reverse("onboarding:signature-file", args=[signature.pk]))
    assert response["Content-Disposition"] == 'attachment; filename="ditandatangani.png"'


def test_a_typed_signature_has_no_file(signed_in, case, owner):
    signature = sign(share(case), owner)
    assert signed_in.get(reverse("onboarding:signature-file", args=[signature.pk])).status_code == 404


# Signing


def test_a_typed_name_signs(signed_in, case, owner):
    document = share(case)
    response = post(signed_in, document)
    assert (response.status_code, response["Location"]) == (302, document.get_absolute_url())
    signature = Signature.objects.get()
    assert (signature.name, signature.signer, signature.ip_address) == ("Sari Dewi", owner, "127.0.0.1")
    assert fresh(document).status == "received"


def test_an_uploaded_file_is_sent_to_staff(signed_in, case):
    document = share(case)
    response = post(signed_in, document, "uploaded", file=picture())
    assert response.status_code == 302
    assert fresh(document).status == "signed"
    assert Signature.objects.get().content_type == "image/png"


def test_a_form_that_is_not_complete_comes_back_with_what_was_typed(signed_in, case):
    document = share(case)
    response = post(signed_in, document, agree="")
    assert response.status_code == 422
    assert response.context["form"].errors.keys() == {"agree"}
    assert "Sari Dewi" in response.content.decode()
    assert "Kesalahan:" in response.content.decode()
    assert fresh(document).status == "sent"


@pytest.mark.parametrize(
    "changes",
    [{"name": "Sari\nDewi"}, {"name": "\u200b"}, {"version": "abc"}, {"version": "2"}, {"total": "banyak"}],
)
def test_what_was_not_read_or_cannot_be_read_signs_nothing(signed_in, case, changes):
    document = share(case)
    assert post(signed_in, document, **changes).status_code == 422
    assert (fresh(document).status, Signature.objects.count()) == ("sent", 0)


def test_a_file_of_the_wrong_kind_is_refused(signed_in, case):
    document = share(case)
    response = post(signed_in, document, "uploaded", file=upload(b"<html>", "kontrak.html"))
    assert (response.status_code, Signature.objects.count()) == (422, 0)


def test_a_way_that_there_is_not_is_not_found(signed_in, case):
    assert signed_in.post(reverse("onboarding:sign", args=[share(case).pk]), {"way": "voice"}).status_code == 404


def test_a_role_that_sees_but_does_not_sign_is_told_so(client, case, customer, product):
    from onboarding.models import ProductRole

    ProductRole.objects.create(product=product, key="reader", name_id="Pembaca", sees_tracker=True, signs=False, sort=9)
    reader = factories.member(customer).user
    journey.give(customer, reader, product, "reader")
    client.force_login(reader)
    document = share(case)
    page = client.get(document.get_absolute_url())
    assert page.status_code == 200
    assert "sign_forms" not in page.context
    assert post(client, document).status_code == 422
    assert fresh(document).status == "sent"


def test_why_a_signature_was_refused_stands_on_top(signed_in, case, owner, sales):
    document = share(case)
    send_signed(document, owner)
    signing.refuse(document=fresh(document), actor=sales, words="Halaman kedua hilang.")
    words = signed_in.get(document.get_absolute_url()).content.decode()
    assert words.index("Halaman kedua hilang.") < words.index('id="sign"')


def test_m5_signing_a_quotation_leads_to_its_invoice(signed_in, case, sales):
    quotation = quote(case, sales)
    document = quotation.document
    page = signed_in.get(document.get_absolute_url())
    total = page.context["sign_forms"]["typed"]["total"].value()
    assert post(signed_in, document, total=total).status_code == 302
    invoice = Order.objects.get().invoice
    assert invoice.get_absolute_url() in signed_in.get(document.get_absolute_url()).content.decode()


def test_another_tax_is_shown_and_signed_with_a_second_look(signed_in, case, sales):
    quotation = quote(case, sales)
    page = signed_in.get(quotation.document.get_absolute_url())
    total = page.context["sign_forms"]["typed"]["total"].value()
    factories.ppn()
    response = post(signed_in, quotation.document, total=total)
    assert (response.status_code, Order.objects.count()) == (422, 0)
    assert "Rp166.500" in response.content.decode()

    total = response.context["sign_forms"]["typed"]["total"].value()
    assert post(signed_in, quotation.document, total=total).status_code == 302
    assert Order.objects.get().invoice.total == 166_500


def test_an_expired_quotation_says_so_and_offers_no_signature(signed_in, case, sales):
    quotation = quote(case, sales)
    quotation.valid_until = journey.START.date().replace(year=2020)
    quotation.save()
    page = signed_in.get(quotation.document.get_absolute_url())
    assert "Minta PIC Anda mengirim yang baru" in page.content.decode()
    assert "sign_forms" not in page.context
