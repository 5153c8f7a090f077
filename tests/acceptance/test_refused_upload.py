"""A proof that cannot be taken: said on the page, with everything typed still there."""

import pytest
from playwright.sync_api import expect

from tests.acceptance import steps

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no-scripts"])
def test_n5_a_refused_proof_is_told_and_what_was_typed_stays(make_visitor, tmp_path, scripts):
    visitor = make_visitor(scripts=scripts)
    steps.put_hosting_in_the_cart(visitor)
    steps.complete_order_as_newcomer(visitor)
    broken = tmp_path / "bukti.png"
    broken.write_bytes(b"\x89PNG\r\n\x1a\n" + b"0" * 400)
    visitor.fill("sender_bank", "BCA")
    visitor.page.locator("[name=proofs]").set_input_files(broken)
    visitor.find_button("Kirim konfirmasi").click()
    expect(visitor.page.locator("[data-error-summary]")).to_be_visible()
    expect(visitor.page.locator("[name=sender_bank]")).to_have_value("BCA")
    visitor.check()
    # The page that came back works like the first.
    visitor.page.locator("[name=proofs]").set_input_files(steps.picture(tmp_path))
    visitor.find_button("Kirim konfirmasi").click()
    expect(visitor.page.locator("#waiting-title")).to_be_visible()
    visitor.check()
