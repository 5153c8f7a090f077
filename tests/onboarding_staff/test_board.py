"""The board: who sees which cases, what each column holds, and what can be done from a card."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import Group
from django.contrib.messages import get_messages
from django.urls import reverse
from django.utils import timezone

from onboarding import settling, standard, stopping
from onboarding.models import Case, Stage, StageKey
from tests import factories
from tests.onboarding_staff import rows

pytestmark = pytest.mark.django_db

LOOK = "onboarding.view_case"


def board(client, **query: object):
    return client.get(reverse("admin:onboarding_board", query=query))


def shown(response) -> dict[str, list[str]]:
    """By stage, the customers whose cards stand there."""
    return {
        column.key: [card.case.customer.name for card in column.cards]
        for column in response.context["columns"]
        if column.cards
    }


def listed(response) -> list[str]:
    return [card.case.customer.name for card in response.context["cards"]]


def counts(response) -> dict[str, int]:
    return {str(tab.label): tab.count for tab in response.context["tabs"]}


def named(name: str, key: str = StageKey.INITIAL_CALL, **fields) -> Case:
    return rows.at_stage(key, case=factories.onboarding_case(factories.customer(factories.user(), name=name)), **fields)


@pytest.fixture
def at_work(client):
    """Who sees all teams' cases."""
    client.force_login(factories.onboarding_pic(LOOK, "onboarding.see_all_cases", "onboarding.move_back_case"))
    return client


def test_cases_stand_at_their_stage_those_longest_there_first(at_work):
    named("PT Baru")
    named("PT Lama", stage_since=timezone.now() - timedelta(days=9))
    named("PT Latih", StageKey.TRAINING)
    page = board(at_work)
    assert shown(page) == {"initial_call": ["PT Lama", "PT Baru"], "training": ["PT Latih"]}
    days = {card.case.customer.name: card.days for column in page.context["columns"] for card in column.cards}
    assert days == {"PT Lama": 9, "PT Baru": 0, "PT Latih": 0}


def test_every_stage_of_the_way_is_a_column_also_an_empty_one_but_for_what_is_live(at_work):
    named("PT Satu")
    keys = [column.key for column in board(at_work).context["columns"]]
    assert keys == [stage["key"] for stage in standard.STAGES[:-1]]


def test_a_stage_that_no_template_has_any_more_keeps_its_column(at_work):
    case = named("PT Satu")
    Stage.objects.filter(case=case, key="initial_call").update(key="old_way", name_id="Cara lama")
    settling.settle(case)
    columns = {column.key: column.name for column in board(at_work).context["columns"] if column.count}
    assert columns == {"old_way": "Cara lama"}


def test_pics_see_their_own_and_their_teams_and_nothing_else(client):
    team = Group.objects.create(name="Implementasi")
    mine, ours, later, foreign = named("PT Milik"), named("PT Tim"), named("PT Nanti"), named("PT Asing")
    pic = rows.pic_of(mine)
    pic.groups.add(team)
    Stage.objects.filter(case=ours, status="current").update(pic_group=team)
    settling.settle(ours)
    rows.pics.replace(later.stages.get(key="training"), pic, None)
    client.force_login(pic)
    assert shown(board(client)) == {"initial_call": ["PT Milik", "PT Tim", "PT Nanti"]}
    assert shown(board(client, whose="mine")) == {"initial_call": ["PT Milik", "PT Nanti"]}
    assert shown(board(client, whose="team")) == {"initial_call": ["PT Tim"]}
    assert counts(board(client))["Berjalan"] == 3
    for page in (board(client), board(client, q=foreign.number), board(client, whose="all", q="Asing")):
        assert "PT Asing" not in page.content.decode()
    assert client.get(reverse("admin:onboarding_work", args=[foreign.pk])).status_code == 404


def test_filters_by_product_health_and_words(at_work):
    late = named("PT Telat", stage_due_on=timezone.localdate() - timedelta(days=1))
    fine = named("PT Lancar")
    rows.pic_of(fine)
    assert shown(board(at_work, product=late.product_id)) == {"initial_call": ["PT Telat"]}
    assert shown(board(at_work, health="delayed")) == {"initial_call": ["PT Telat"]}
    assert shown(board(at_work, health="on_track")) == {"initial_call": ["PT Lancar"]}
    assert shown(board(at_work, q=fine.number.lower())) == {"initial_call": ["PT Lancar"]}
    assert shown(board(at_work, q="tidak ada yang begini")) == {}
    # What is asked for in vain is left out.
    assert counts(board(at_work, product="x", health="y", whose="z", p="-1"))["Berjalan"] == 2


def test_stopped_and_live_have_views_of_their_own(at_work):
    stopped, live = named("PT Berhenti"), named("PT Live", StageKey.POST_ACTIVATION)
    stopping.stop(case=stopped, actor=factories.onboarding_pic("onboarding.see_all_cases"), reason="Anggaran")
    assert live.status == "live"
    assert counts(board(at_work)) == {"Berjalan": 0, "Live, ada jadwal": 0, "Sudah live": 1, "Berhenti": 1}
    assert listed(board(at_work, view="stopped")) == ["PT Berhenti"]
    assert listed(board(at_work, view="live")) == ["PT Live"]
    rows.meeting(live, kind="adoption_review", title="Adoption review")
    page = board(at_work, view="reviews")
    assert (listed(page), counts(page)["Live, ada jadwal"]) == (["PT Live"], 1)
    assert "Adoption review" in page.content.decode()


def test_a_long_column_is_cut_and_has_pages_of_its_own(at_work, monkeypatch):
    monkeypatch.setattr("onboarding.admin.board.CARDS_IN_A_COLUMN", 2)
    monkeypatch.setattr("onboarding.admin.board.PAGE_SIZE", 2)
    for number in range(3):
        named(f"PT {number}", stage_since=timezone.now() - timedelta(days=9 - number))
    column = board(at_work).context["columns"][0]
    assert ([card.case.customer.name for card in column.cards], column.count, column.left) == (["PT 0", "PT 1"], 3, 1)
    page = at_work.get(column.more)
    assert listed(page) == ["PT 0", "PT 1"]
    assert listed(at_work.get(page.context["following"])) == ["PT 2"]


@pytest.mark.parametrize("count", [1, 3])
def test_the_board_costs_the_same_for_one_and_three(at_work, django_assert_num_queries, count):
    for number in range(count):
        case = named(f"PT {number}")
        rows.pic_of(case)
        rows.meeting(case)
    board(at_work)
    with django_assert_num_queries(12):
        board(at_work)


def move(client, case: Case, to: str, *, seen: int | None = None, **given):
    current = case.stages.get(status="current")
    data = {"to": case.stages.get(key=to).pk, "seen": current.pk if seen is None else seen, **given}
    return client.post(reverse("admin:onboarding_move", args=[case.pk]), data)


def stage_of(case: Case) -> str:
    return Case.objects.get(pk=case.pk).stage_key


def test_a_card_moves_on_by_one_press_and_comes_back_to_the_board(at_work):
    case = named("PT Satu", StageKey.SALES_MEETING)
    back = reverse("admin:onboarding_board", query={"whose": "all"})
    answer = move(at_work, case, "quotation", back=f"{back}#case-{case.pk}")
    assert (answer.status_code, answer.url, stage_of(case)) == (302, f"{back}#case-{case.pk}", "quotation")
    assert "PT Satu sekarang di tahap" in str(next(iter(get_messages(answer.wsgi_request))))
    assert case.stages.get(key="sales_meeting").status == "skipped"


def test_a_press_leads_nowhere_outside_of_the_site(at_work):
    case = named("PT Satu", StageKey.SALES_MEETING)
    answer = move(at_work, case, "quotation", back="https://jahat.example/")
    assert answer.url == reverse("admin:onboarding_work", args=[case.pk])


def test_what_is_missing_is_said_and_nothing_moves(at_work):
    case = named("PT Satu")
    answer = move(at_work, case, "sales_meeting", reason="Sudah telepon")
    assert (answer.status_code, stage_of(case)) == (422, "initial_call")
    text = answer.content.decode()
    assert "belum ada jadwal yang terlaksana" in text
    assert "Sudah telepon" in text


def test_whoever_is_slower_is_told_where_the_case_is_and_can_go_on_from_there(at_work):
    case = named("PT Satu", StageKey.SALES_MEETING)
    seen = case.stages.get(status="current").pk
    assert move(at_work, case, "quotation").status_code == 302
    answer = move(at_work, case, "invoice_payment", seen=seen)
    assert (answer.status_code, stage_of(case)) == (422, "quotation")
    assert "memindahkan onboarding ini ke" in answer.content.decode()
    assert answer.context["form"]["seen"].value() == str(case.stages.get(key="quotation").pk)


def test_back_takes_the_permission_and_a_reason(client, at_work):
    case = named("PT Satu", StageKey.TRAINING)
    assert (move(at_work, case, "quotation").status_code, stage_of(case)) == (422, "training")
    assert (move(at_work, case, "quotation", reason="Salah harga").status_code, stage_of(case)) == (302, "quotation")
    # Who may not move back is not offered to.
    case = named("PT Dua", StageKey.TRAINING)
    client.force_login(rows.pic_of(case))
    assert (move(client, case, "quotation", reason="Salah").status_code, stage_of(case)) == (422, "training")


def test_others_cases_are_not_found_and_looking_is_not_moving(client):
    case = named("PT Satu", StageKey.SALES_MEETING)
    client.force_login(factories.onboarding_pic(LOOK))
    assert (move(client, case, "quotation").status_code, stage_of(case)) == (404, "sales_meeting")
    client.force_login(factories.staff(LOOK, "onboarding.see_all_cases"))
    assert (move(client, case, "quotation").status_code, stage_of(case)) == (403, "sales_meeting")
    assert "Pindahkan" not in board(client).content.decode()


def test_the_list_of_the_model_leads_to_the_board_and_a_row_to_its_page(at_work):
    case = named("PT Satu")
    assert at_work.get(reverse("admin:onboarding_case_changelist")).url == reverse("admin:onboarding_board")
    page = at_work.get(reverse("admin:onboarding_case_change", args=[case.pk]))
    assert page.url == reverse("admin:onboarding_work", args=[case.pk])
