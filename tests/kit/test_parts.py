"""The templates that every page is made of."""

from pathlib import Path

import pytest
from django import forms
from django.contrib.staticfiles import finders
from django.core.paginator import Paginator
from django.template import engines
from django.template.loader import get_template, render_to_string
from django.test import RequestFactory

from accounts.roles import Role
from config.styleguide import SampleForm
from tests import factories

TEMPLATES = Path(__file__).resolve().parent.parent.parent / "templates"


def _field(form: forms.Form, name: str) -> str:
    return form[name].as_field_group()


def test_a_field_names_its_help_and_its_error():
    html = _field(SampleForm({}), "amount")
    assert 'aria-describedby="id_amount_helptext id_amount_error"' in html
    assert 'id="id_amount_helptext"' in html
    assert 'id="id_amount_error"' in html
    assert 'aria-invalid="true"' in html


@pytest.mark.parametrize("name", list(SampleForm.base_fields))
def test_every_kind_of_field_has_a_label_of_its_own(name):
    html = _field(SampleForm(), name)
    assert str(SampleForm.base_fields[name].label) in html
    assert f'for="id_{name}' in html


@pytest.mark.parametrize(("name", "says_optional"), [("notes", True), ("email", False), ("services", True)])
def test_a_field_that_may_stay_empty_says_so(name, says_optional):
    assert ("(opsional)" in _field(SampleForm(), name)) is says_optional


def test_a_group_of_choices_is_described_as_a_whole():
    html = _field(SampleForm({}), "cycle")
    assert '<fieldset aria-describedby="id_cycle_error"' in html


def test_the_summary_leads_to_each_wrong_field():
    html = render_to_string("parts/error_summary.html", {"form": SampleForm({"email": "bukan-email"})})
    assert 'href="#id_email"' in html
    # A group of choices has no element with its own id: the link goes to the first choice.
    assert 'href="#id_cycle_0"' in html
    assert "Nama perusahaan: Isi bagian ini." in html
    assert "data-error-summary" in html


def test_a_correct_form_has_no_summary():
    form = SampleForm(
        {
            "name": "PT Contoh", "email": "a@example.com", "password": "x", "amount": "1", "bank": "bca",
            "cycle": "monthly", "terms": "on",
        }
    )  # fmt: skip
    assert render_to_string("parts/error_summary.html", {"form": form}).strip() == ""


def test_a_pager_keeps_the_filters_of_the_list():
    request = RequestFactory().get("/client/invoices/?status=unpaid&page=2")
    html = render_to_string("parts/pager.html", {"page_obj": Paginator(range(90), 30).page(2)}, request=request)
    assert "status=unpaid&amp;page=1" in html
    assert "status=unpaid&amp;page=3" in html


def test_a_list_on_one_page_has_no_pager():
    request = RequestFactory().get("/")
    html = render_to_string("parts/pager.html", {"page_obj": Paginator(range(3), 30).page(1)}, request=request)
    assert html.strip() == ""


def test_a_question_about_an_invoice_begins_with_its_number(db):
    html = render_to_string("parts/help_link.html", {"shop": {"email": "halo@example.com"}, "subject": "INV/1 & 2"})
    assert 'href="mailto:halo@example.com?subject=INV/1%20%26%202"' in html


@pytest.mark.parametrize("name", ["400", "403", "404", "csrf"])
def test_a_problem_page_looks_like_the_shop(client, db, name):
    request = RequestFactory().get("/")
    request.user = factories.user()
    request.session = {}
    html = render_to_string(f"errors/{name}.html", {}, request=request)
    assert "<h1>" in html
    assert "/theme.css" in html


@pytest.mark.parametrize("name", ["500", "503"])
def test_a_fault_page_needs_no_database(name):
    """No ``db`` fixture: a query would fail this test."""
    html = get_template(f"errors/{name}.html").render({"request_id": "abc12345"})
    assert "abc12345" in html
    assert "css/app.css" in html


def test_every_icon_that_a_template_names_is_in_the_sprite():
    sprite = Path(finders.find("icons.svg")).read_text(encoding="utf-8")
    named = set()
    for path in TEMPLATES.rglob("*.html"):
        text = path.read_text(encoding="utf-8")
        named |= {piece.split('"')[0] for piece in text.split('{% icon "')[1:]}
        named |= {piece.split('"')[0] for piece in text.split('icon_name="')[1:]}
    missing = {name for name in named if f'id="{name}"' not in sprite}
    assert missing == set()


def test_the_icons_carry_their_licence():
    notice = Path(finders.find("icons.LICENSE.txt")).read_text(encoding="utf-8")
    assert notice.startswith("MIT License")
    assert "Paweł Kuna" in notice


def test_the_trap_for_robots_is_hidden_without_inline_style(client, db):
    html = client.get("/accounts/signup/").content.decode()
    assert 'name="website"' in html
    assert "style=" not in html


def test_a_qr_code_takes_over_nothing_but_its_box_and_its_path():
    svg = (
        '<?xml version="1.0"?><svg viewBox="0 0 41 41" onload="alert(1)"><script>x</script><path d="M4,4H5V5z"/></svg>'
    )
    html = engines["django"].from_string("{% qr_code svg %}").render({"svg": svg})
    assert html == '<svg class="qr" viewBox="0 0 41 41" role="img" aria-label="Kode QR"><path d="M4,4H5V5z"/></svg>'


@pytest.mark.parametrize(
    ("agent", "name"),
    [
        ("Mozilla/5.0 (Windows NT 10.0; Win64; x64) Chrome/140.0 Safari/537.36 Edg/140.0", "Edge, Windows"),
        ("Mozilla/5.0 (Linux; Android 15) Chrome/140.0 Mobile Safari/537.36", "Chrome, Android"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Version/18.0 Mobile Safari/604.1", "Safari, iPhone"),
        ("curl/8.5", "Perangkat tidak dikenal"),
    ],
)
def test_a_session_is_named_by_browser_and_system(agent, name):
    assert engines["django"].from_string("{{ agent|device }}").render({"agent": agent}) == name


def test_the_menu_shows_what_the_role_may_do(client, customer):
    technical = factories.member(customer, role=Role.TECHNICAL).user
    client.force_login(technical)
    html = client.get("/client/").content.decode()
    side = html.split('<nav class="side"')[1].split("</nav>")[0]
    assert "Ringkasan" in side
    assert "Tagihan" not in side


def test_the_page_in_sight_is_marked_in_the_menu(signed_in):
    html = signed_in.get("/accounts/sessions/").content.decode()
    side = html.split('<nav class="side"')[1].split("</nav>")[0]
    assert side.count('aria-current="page"') == 1
    assert 'href="/accounts/2fa/" aria-current="page"' in side


def test_a_label_that_a_library_left_in_english_is_translated():
    class KeyForm(forms.Form):
        name = forms.CharField(widget=forms.TextInput(attrs={"placeholder": "Name", "style": "color: red"}))

    html = engines["django"].from_string("{{ form.name|bare|as_group }}").render({"form": KeyForm()})
    assert "Nama kunci" in html
    assert "placeholder" not in html
    assert "style=" not in html
