"""A case goes from stage to stage: by hand, by what happened, and back."""

import pytest

from billing import lifecycle, payments
from onboarding import pics, progress
from onboarding.models import Case
from onboarding.models.templates import Completion
from onboarding.refusals import (
    CannotSkip,
    LastStage,
    NotAllowed,
    ReasonMissing,
    SomebodyWasFaster,
    StageIsOver,
    StillMissing,
)
from tests import factories
from tests.onboarding.walk import (
    appointment,
    current,
    document,
    fresh,
    history,
    hold_meeting,
    ordered_case,
    pay,
    product_with_onboarding,
    stage,
    states,
    told,
    walk_to,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def worker():
    return factories.staff(
        "onboarding.work_on_case", "onboarding.see_all_cases", "onboarding.move_back_case", name="Dewi Pratiwi"
    )


@pytest.fixture
def case(customer):
    return ordered_case(customer)


@pytest.fixture
def lead(customer):
    return factories.onboarding_case(customer)


def where(case: Case) -> tuple[str, str]:
    now = fresh(case)
    return now.status, now.stage_key


def move(case: Case, key: str, actor, **fields) -> None:
    progress.move(case=case, to=stage(case, key), actor=actor, seen=current(case).pk, **fields)


# What happened moves the case


def test_the_last_meeting_held_moves_the_case_on(case, worker):
    hold_meeting(case, worker)
    assert where(case) == ("active", "sales_meeting")
    assert (states(case)["initial_call"], told(case)) == ("done", ["opened", "stage"])


def test_what_happens_before_its_turn_has_its_date_and_is_passed_over(case, worker):
    pay(case)
    assert (where(case), states(case)["invoice_payment"]) == (("active", "initial_call"), "done")
    assert told(case) == ["opened", "paid"]
    walk_to("requirement_gathering", case)
    assert states(case)["invoice_payment"] == "done"


def test_the_same_fact_twice_is_one(case, worker):
    hold_meeting(case, worker)
    before = history(case)
    progress.satisfy(case=case, completion=Completion.EVENTS_DONE, actor=worker, stage=stage(case, "initial_call"))
    assert (where(case), history(case)) == (("active", "sales_meeting"), before)


def test_a_paid_invoice_moves_the_case_on_by_itself(case):
    walk_to("invoice_payment", case)
    pay(case)
    assert where(case) == ("active", "requirement_gathering")
    assert told(case)[-2:] == ["paid", "stage"]
    event = stage(case, "invoice_payment").events.last()
    assert (event.kind, event.actor) == ("done", None)


def test_a_reversed_payment_brings_the_case_back(case):
    walk_to("invoice_payment", case)
    payment = pay(case)
    payments.reverse(payment=payment, reason="Cek kosong", actor=factories.staff("billing.verify_payment"))
    assert where(case) == ("active", "invoice_payment")
    assert (states(case)["requirement_gathering"], stage(case, "invoice_payment").done_at) == ("upcoming", None)
    assert told(case)[-2:] == ["unpaid", "stage"]
    pay(case)
    assert where(case) == ("active", "requirement_gathering")


def test_a_payment_reversed_before_its_turn_takes_its_date_alone(case):
    payment = pay(case)
    payments.reverse(payment=payment, reason="Cek kosong", actor=factories.staff("billing.verify_payment"))
    assert (where(case), states(case)["invoice_payment"]) == (("active", "initial_call"), "upcoming")


def test_a_payment_reversed_after_go_live_takes_its_date_alone(case, worker):
    walk_to("invoice_payment", case)
    payment = pay(case)
    walk_to("go_live", case)
    progress.finish(case=case, actor=worker, seen=current(case).pk)
    payments.reverse(payment=payment, reason="Cek kosong", actor=factories.staff("billing.verify_payment"))
    assert (where(case), states(case)["invoice_payment"]) == (("live", "post_activation"), "upcoming")


# By hand


@pytest.mark.parametrize(
    ("key", "words"),
    [
        ("initial_call", "belum ada jadwal"),
        ("invoice_payment", "belum lunas"),
        ("requirement_gathering", "belum ada dokumen"),
        ("training", "belum ada jadwal"),
    ],
)
def test_what_ends_by_a_fact_is_not_closed_by_hand(case, worker, key, words):
    walk_to(key, case)
    before = history(case)
    with pytest.raises(StillMissing, match=words):
        progress.finish(case=case, actor=worker, seen=current(case).pk)
    assert (where(case), history(case)) == (("active", key), before)


def test_the_words_say_what_is_missing(case, worker):
    appointment(case, "initial_call")
    with pytest.raises(StillMissing, match="masih ada jadwal yang belum selesai"):
        progress.finish(case=case, actor=worker, seen=current(case).pk)
    walk_to("requirement_gathering", case)
    signed = document(case, "requirement_gathering", "sent")
    for status, words in [("sent", "menunggu tanda tangan pelanggan"), ("signed", "belum ditandai diterima")]:
        type(signed).objects.filter(pk=signed.pk).update(
            status=status, signed_at=None if status == "sent" else signed.sent_at
        )
        with pytest.raises(StillMissing, match=words):
            progress.finish(case=case, actor=worker, seen=current(case).pk)
    assert where(case) == ("active", "requirement_gathering")


def test_go_live_activates_the_service_and_makes_the_case_live(case, worker):
    walk_to("go_live", case)
    progress.finish(case=case, actor=worker, seen=current(case).pk)
    now = fresh(case)
    assert (now.status, now.stage_key, now.service.status) == ("live", "post_activation", "active")
    assert now.live_at == stage(case, "go_live").done_at
    assert (now.turn, told(case)[-2:]) == ("nobody", ["live", "stage"])


def test_a_service_that_staff_activates_makes_the_case_live(case, worker):
    walk_to("go_live", case)
    lifecycle.activate(service=fresh(case.service), actor=worker)
    assert where(case) == ("live", "post_activation")


def test_a_service_active_before_go_lives_turn_makes_the_case_live_when_it_gets_there(customer, worker):
    case = ordered_case(customer, product_with_onboarding(activation="on_payment"))
    walk_to("training", case)
    assert (where(case), states(case)["go_live"]) == (("active", "training"), "done")
    hold_meeting(case, worker)
    assert where(case) == ("live", "post_activation")
    assert fresh(case).live_at == stage(case, "go_live").done_at


def test_an_unpaid_order_does_not_go_live(customer, worker):
    rows = [{"key": "go_live", "completion": "by_hand"}, {"key": "post_activation"}]
    product = factories.product(activation="by_staff")
    factories.onboarding_template(product, stages=rows)
    case = ordered_case(customer, product)
    with pytest.raises(StillMissing, match="belum lunas"):
        progress.finish(case=case, actor=worker, seen=current(case).pk)
    assert (where(case), fresh(case.service).status) == (("active", "go_live"), "pending")
    pay(case)
    progress.finish(case=fresh(case), actor=worker, seen=current(case).pk)
    assert (where(case), fresh(case.service).status) == (("live", "post_activation"), "active")


def test_a_lead_without_an_order_cannot_go_live(lead, worker):
    lead.stages.exclude(key__in=["go_live", "post_activation"]).delete()
    progress.reenter(lead, None)
    progress.settle(lead)
    with pytest.raises(StillMissing, match="belum ada layanan"):
        progress.finish(case=lead, actor=worker, seen=current(lead).pk)
    assert where(lead) == ("active", "go_live")


def test_nothing_comes_after_the_last_stage(case, worker):
    walk_to("go_live", case)
    progress.finish(case=case, actor=worker, seen=current(case).pk)
    before = history(case)
    with pytest.raises(LastStage):
        progress.finish(case=fresh(case), actor=worker, seen=current(case).pk)
    assert history(case) == before


# Skipping and jumping


def test_an_optional_stage_is_skipped_with_a_reason(case, worker):
    walk_to("sales_meeting", case)
    with pytest.raises(ReasonMissing):
        progress.skip(case=case, actor=worker, seen=current(case).pk, reason=" ")
    progress.skip(case=case, actor=worker, seen=current(case).pk, reason="Sudah kenal produknya.")
    assert (where(case), states(case)["sales_meeting"]) == (("active", "invoice_payment"), "skipped")


def test_a_mandatory_stage_is_not_skipped(case, worker):
    before = history(case)
    with pytest.raises(CannotSkip, match="Panggilan awal"):
        progress.skip(case=case, actor=worker, seen=current(case).pk, reason="Tidak perlu.")
    assert (where(case), history(case)) == (("active", "initial_call"), before)


def test_moving_forward_skips_what_is_optional_and_jumps_over_nothing_else(case, worker):
    walk_to("sales_meeting", case)
    before = history(case)
    with pytest.raises(CannotSkip, match="Pembayaran tagihan"):
        move(case, "requirement_gathering", worker)
    assert (where(case), history(case)) == (("active", "sales_meeting"), before)
    move(case, "invoice_payment", worker)
    assert (where(case), states(case)["sales_meeting"]) == (("active", "invoice_payment"), "skipped")


def test_moving_forward_onto_what_is_done_is_refused(case, worker):
    pay(case)
    hold_meeting(case)
    with pytest.raises(StageIsOver):
        move(case, "invoice_payment", worker)
    assert where(case) == ("active", "sales_meeting")


def test_moving_to_where_it_is_changes_nothing(case, worker):
    before = history(case)
    move(case, "initial_call", worker)
    assert history(case) == before


# Back


def test_going_back_needs_permission_and_a_reason_and_keeps_what_happened_between(case, worker):
    walk_to("training", case)
    before = history(case)
    with pytest.raises(NotAllowed):
        move(case, "sales_meeting", factories.staff("onboarding.work_on_case", "onboarding.see_all_cases"), reason="x")
    with pytest.raises(ReasonMissing):
        move(case, "sales_meeting", worker)
    assert history(case) == before
    move(case, "sales_meeting", worker, reason="Rapat ulang diminta.")
    assert where(case) == ("active", "sales_meeting")
    kept = [states(case)[key] for key in ("invoice_payment", "requirement_gathering", "training")]
    assert kept == ["done", "done", "upcoming"]
    assert stage(case, "sales_meeting").events.last().note == "Rapat ulang diminta."
    progress.finish(case=case, actor=worker, seen=current(case).pk)
    assert where(case) == ("active", "training")


def test_back_from_live_and_live_again(case, worker):
    walk_to("go_live", case)
    progress.finish(case=case, actor=worker, seen=current(case).pk)
    move(case, "training", worker, reason="Pelatihan tambahan.")
    assert (where(case), fresh(case).live_at) == (("active", "training"), None)
    progress.finish(case=case, actor=worker, seen=current(case).pk)
    assert where(case) == ("live", "post_activation")
    move(case, "go_live", worker, reason="Salah produk.")
    progress.finish(case=case, actor=worker, seen=current(case).pk)
    assert where(case) == ("live", "post_activation")
    assert fresh(case).live_at == stage(case, "go_live").done_at


# Somebody was faster


def test_a_page_that_is_not_up_to_date_moves_nothing_and_says_who_was_faster(case, worker):
    seen = current(case).pk
    appointment(case, "initial_call", status="done", days=-1)
    progress.finish(case=case, actor=worker, seen=seen)
    before = history(case)
    with pytest.raises(SomebodyWasFaster, match="Dewi Pratiwi memindahkan onboarding ini ke “Pertemuan") as refusal:
        progress.finish(case=fresh(case), actor=factories.onboarding_pic("onboarding.see_all_cases"), seen=seen)
    assert (refusal.value.who, refusal.value.stage) == (worker, current(case))
    assert history(case) == before


def test_staff_of_another_team_moves_nothing(case, owner):
    before = history(case)
    for person in (factories.onboarding_pic(), owner):
        with pytest.raises(NotAllowed):
            progress.finish(case=case, actor=person, seen=current(case).pk)
    assert history(case) == before


def test_a_pic_who_has_the_case_moves_it(case, worker):
    pic = factories.onboarding_pic()
    pics.assign(stage=current(case), pic=pic, actor=worker)
    appointment(case, "initial_call", status="done", days=-1)
    progress.finish(case=case, actor=pic, seen=current(case).pk)
    assert where(case) == ("active", "sales_meeting")
