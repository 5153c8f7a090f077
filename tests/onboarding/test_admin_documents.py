"""Documents on the staff's pages: read, received, refused, put in a newer version, taken back; the requirement form."""

import pytest
from django.urls import reverse

from billing.models import Order
from onboarding import signing
from onboarding.models import Document
from tests import factories
from tests.onboarding import journey
from tests.onboarding.signed import form_of, fresh, newer, quote, send_signed, sent_picture, share, sign, submit, upload

pytestmark = pytest.mark.django_db


@pytest.fixture
def staff(case, client):
    person = factories.staff("onboarding.work_on_case", "onboarding.add_quotation", name="Rani Wijaya")
    journey.assign(case, person)
    client.force_login(person)
    return person


def page(client, document: Document):
    return client.get(reverse("admin:onboarding_document", args=[document.pk]))


def do(client, document: Document, name: str, **data):
    prefix = "" if name == "receive" else f"{name}-"
    data = {"seen": document.versions.last().number, **data}
    posted = {f"{prefix}{key}": value for key, value in data.items()}
    return client.post(reverse("admin:onboarding_document_do", args=[document.pk, name]), posted)


def test_the_page_shows_versions_and_signatures_with_their_hashes(client, case, owner, staff):
    document = share(case, staff)
    signature = sign(document, owner, ip_address="203.0.113.9")
    newer(document, staff)
    words = page(client, document).content.decode()
    assert signature.signed_sha256 in words
    assert "203.0.113.9" in words
    assert all(version.sha256 in words for version in document.versions.all())


def test_a_signed_file_is_seen_and_received(client, case, owner, staff):
    document = share(case, staff)
    signature = send_signed(document, owner)
    shown = client.get(reverse("admin:onboarding_signature", args=[signature.pk]))
    assert b"".join(shown.streaming_content) == sent_picture().content
    assert shown["Content-Security-Policy"] == "default-src 'none'; sandbox"

    response = do(client, document, "receive")
    assert response["Location"] == reverse("admin:onboarding_document", args=[document.pk])
    assert fresh(document).status == "received"


def test_a_refusal_needs_words(client, case, owner, staff):
    document = share(case, staff)
    send_signed(document, owner)
    assert do(client, document, "refuse", words="").status_code == 422
    assert fresh(document).status == "signed"
    assert do(client, document, "refuse", words="Tidak terbaca.").status_code == 302
    assert signing.refusal_words(fresh(document)) == "Tidak terbaca."


def test_what_another_page_has_done_is_said(client, case, owner, staff):
    document = share(case, staff)
    send_signed(document, owner)
    do(client, document, "receive")
    response = do(client, document, "receive")
    assert response.status_code == 422
    assert "Diterima" in response.content.decode()
    assert document.events.filter(to_status="received").count() == 1


def test_a_new_version_is_uploaded(client, case, staff, tmp_path):
    document = share(case, staff, needs_signature=False)
    assert do(client, document, "version", file=upload(b"Catatan rapat", "catatan.txt")).status_code == 302
    assert document.versions.last().name == "catatan.txt"
    assert do(client, document, "version", file=upload(b"Lain", "lain.txt"), seen=1).status_code == 422
    assert document.versions.count() == 2


def test_a_document_is_withdrawn(client, case, staff):
    document = share(case, staff)
    assert do(client, document, "withdraw", reason="Salah berkas").status_code == 302
    assert fresh(document).status == "withdrawn"
    assert page(client, document).context["acts"] == {}


def test_an_act_that_there_is_not_is_not_found(client, case, staff):
    assert client.post(reverse("admin:onboarding_document_do", args=[share(case).pk, "sign"])).status_code == 404


def test_a_quotation_is_received_only_at_the_total_that_was_signed(client, case, owner, staff):
    quotation = quote(case, staff)
    send_signed(quotation.document, owner)
    assert page(client, quotation.document).context["acts"].keys() == {"receive", "refuse"}
    factories.ppn()
    response = do(client, quotation.document, "receive")
    assert response.status_code == 422
    assert "Pajak berubah" in response.content.decode()
    assert not Order.objects.exists()


def test_colleagues_of_other_teams_find_nothing(client, case, staff):
    document = share(case, staff)
    client.force_login(factories.staff("onboarding.work_on_case"))
    assert page(client, document).status_code == 404
    assert client.get(reverse("admin:onboarding_version", args=[document.versions.get().pk])).status_code == 404
    assert client.get("/admin/onboarding/document/").context["cl"].result_count == 0


def test_the_lists_cost_the_same_for_one_and_for_three(client, case, staff, django_assert_num_queries):
    share(case, staff)
    client.get("/admin/onboarding/document/")
    with django_assert_num_queries(9):
        client.get("/admin/onboarding/document/")
    share(case, staff)
    share(case, staff)
    with django_assert_num_queries(9):
        assert client.get("/admin/onboarding/document/").context["cl"].result_count == 3


def test_a_row_of_the_list_leads_to_the_page(client, case, staff):
    quotation = quote(case, staff)
    address = reverse("admin:onboarding_document", args=[quotation.document_id])
    for name, pk in [("document", quotation.document_id), ("quotation", quotation.pk)]:
        response = client.get(reverse(f"admin:onboarding_{name}_change", args=[pk]))
        assert (response.status_code, response["Location"]) == (302, address)


def test_staff_reads_the_requirement_form_and_opens_it_again(client, case, owner, staff):
    form = form_of(case)
    document = submit(form, owner)
    address = reverse("admin:onboarding_requirements", args=[case.pk])
    words = client.get(address).content.decode()
    assert "Jumlah karyawan" in words
    assert reverse("admin:onboarding_document", args=[document.pk]) in words

    assert client.post(address, {"reason": "Data kurang"}).status_code == 302
    assert fresh(form).status == "draft"
    assert client.post(address, {"reason": ""}).status_code == 422
