"""Templates in the admin: a new one begins with the usual stages, and running cases are left alone."""

import pytest
from django.urls import reverse

from onboarding import standard
from onboarding.models import Case, MemberRole, ProductRole, RequirementField, Stage, Template, TemplateStage
from tests import factories
from tests.catalog.admin_pages import submit

pytestmark = pytest.mark.django_db

ADD = "admin:onboarding_template_add"
STANDARD = [stage["key"] for stage in standard.STAGES]


@pytest.fixture
def at_work(client):
    verbs = ("view", "add", "change", "delete")
    models = ("template", "templatestage", "requirementfield", "productrole")
    names = [f"onboarding.{verb}_{model}" for verb in verbs for model in models]
    client.force_login(factories.staff(*names, "catalog.view_product", "catalog.change_product"))
    return client


def stages_of(template: Template) -> list[str]:
    return list(template.stages.values_list("key", flat=True))


@pytest.fixture
def template():
    made = Template.objects.create(product=factories.product())
    TemplateStage.objects.bulk_create(TemplateStage(template=made, **stage) for stage in standard.stages())
    return made


def edit(client, template: Template, **changes):
    return submit(client, reverse("admin:onboarding_template_change", args=[template.pk]), **changes)


def complaints(response) -> str:
    assert response.status_code == 200
    return " ".join(str(one.formset.non_form_errors()) for one in response.context["inline_admin_formsets"])


def test_a_new_template_begins_with_the_usual_stages_as_they_stand(at_work):
    product = factories.product()
    assert submit(at_work, reverse(ADD), product=product.pk).status_code == 302
    made = Template.objects.get(product=product)
    assert stages_of(made) == STANDARD
    training = made.stages.get(key="training")
    assert (training.completion, training.target_days, training.name_en) == ("events_done", 14, "Training sessions")


def test_a_stage_that_is_emptied_in_the_new_form_is_not_made(at_work):
    product = factories.product()
    assert submit(at_work, reverse(ADD), product=product.pk, **{"stages-1-DELETE": "on"}).status_code == 302
    assert stages_of(Template.objects.get(product=product)) == [key for key in STANDARD if key != "sales_meeting"]


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"stages-6-DELETE": "on"}, "go_live"),
        ({"stages-7-DELETE": "on"}, "post_activation"),
        ({"stages-7-sort": "1"}, "yang terakhir"),
        ({"stages-1-key": "initial_call"}, "lebih dari sekali"),
        ({"stages-1-sort": "10"}, "urutan yang sama"),
        ({"stages-6-optional": "on"}, "tidak boleh dilewati"),
    ],
)
def test_stages_that_never_come_to_an_end_are_refused(at_work, template, changes, words):
    assert words in complaints(edit(at_work, template, **changes))
    assert stages_of(template) == STANDARD
    assert not template.stages.filter(optional=True, key="go_live").exists()


def test_keys_are_told_how_they_are_written(at_work, template):
    answer = edit(at_work, template, **{"stages-1-key": "Rapat Besar"})
    assert "huruf kecil" in answer.content.decode()


def question(**fields: str) -> dict[str, str]:
    row = {"label_id": "Berapa karyawan?", "key": "people", "kind": "number", "required": "on", "sort": "1", **fields}
    return {"fields-TOTAL_FORMS": "1", **{f"fields-0-{name}": value for name, value in row.items()}}


def test_questions_are_added(at_work, template):
    assert edit(at_work, template, **question()).status_code == 302
    made = template.fields.get()
    assert (made.key, made.kind, made.required) == ("people", "number", True)


@pytest.mark.parametrize("choices", ["", "Satu saja | Only one"])
def test_a_choice_without_anything_to_choose_is_refused(at_work, template, choices):
    assert edit(at_work, template, **question(kind="choice", choices=choices)).status_code == 200
    assert RequirementField.objects.count() == 0


def test_running_cases_keep_their_stages_and_staff_is_told_so(at_work, template):
    case = Case.objects.create(customer=factories.customer(), product=template.product, name_id="Jurnal")
    Stage.objects.create(case=case, key="training", name_id="Sesi pelatihan", target_days=14)
    answer = edit(at_work, template, **{"stages-5-target_days": "99", "stages-5-name_id": "Lokakarya"})
    said = [str(message) for message in at_work.get(answer.url).context["messages"]]
    assert any("1 onboarding yang sedang berjalan tetap" in words for words in said)
    assert template.stages.get(key="training").target_days == 99
    kept = case.stages.get()
    assert (kept.name_id, kept.target_days) == ("Sesi pelatihan", 14)


@pytest.mark.parametrize("count", [1, 3])
def test_the_list_of_templates_costs_the_same_for_one_and_three(at_work, django_assert_num_queries, count):
    for _number in range(count):
        made = Template.objects.create(product=factories.product())
        TemplateStage.objects.create(template=made, key="go_live", name_id="Go live")
    address = reverse("admin:onboarding_template_changelist")
    at_work.get(address)
    with django_assert_num_queries(8):
        page = at_work.get(address)
    assert [row.stage_total for row in page.context["cl"].result_list] == [1] * count


@pytest.fixture
def product_page(at_work):
    return reverse("admin:catalog_product_change", args=[factories.product().pk])


def role(**fields: str) -> dict[str, str]:
    row = {"name_id": "Owner", "key": "owner", "sort": "1", **fields}
    return {"onboarding_roles-TOTAL_FORMS": "1", **{f"onboarding_roles-0-{name}": one for name, one in row.items()}}


def test_a_products_roles_are_kept_on_its_page(at_work, product_page):
    assert submit(at_work, product_page, **role(sees_tracker="on", signs="on")).status_code == 302
    made = ProductRole.objects.get()
    assert (made.key, made.sees_tracker, made.signs) == ("owner", True, True)


def test_a_role_that_signs_what_it_does_not_see_is_refused(at_work, product_page):
    answer = submit(at_work, product_page, **role(signs="on"))
    assert "harus dapat melihat" in answer.content.decode()
    assert ProductRole.objects.count() == 0


def test_a_role_that_members_have_is_not_taken_away(at_work):
    product = factories.product()
    kept = ProductRole.objects.create(product=product, key="owner", name_id="Owner", sees_tracker=True)
    member = factories.member(factories.customer())
    MemberRole.objects.create(membership=member, product=product, role=kept)
    page = reverse("admin:catalog_product_change", args=[product.pk])
    answer = submit(at_work, page, **{"onboarding_roles-0-DELETE": "on"})
    assert "masih dimiliki anggota" in complaints(answer)
    assert ProductRole.objects.get() == kept
    # One that nobody has goes.
    MemberRole.objects.all().delete()
    submit(at_work, page, **{"onboarding_roles-0-DELETE": "on"})
    assert ProductRole.objects.count() == 0


def test_who_may_not_edit_the_catalog_reads_the_roles(client):
    product = factories.product()
    ProductRole.objects.create(product=product, key="owner", name_id="Pemilik Akun", sees_tracker=True)
    client.force_login(factories.staff("catalog.view_product", "onboarding.view_productrole"))
    page = client.get(reverse("admin:catalog_product_change", args=[product.pk]))
    assert "Pemilik Akun" in page.content.decode()
