"""The staff's groups and what each may do: the one table, put into the database after every migration.

The groups named here are the code's: their permissions are set to this table's whenever ``migrate`` runs, and the admin
shows them read-only. For other needs staff make a group of their own beside them.

Verbs on models are Django's (view, add, change, delete). What they open in the workplace beyond plain forms:

- ``billing.verify_payment``: the verification desk (K3), money recorded by hand, small differences, reversals
- ``billing.view_gatewaymessage``: what payment providers and the shop said to each other, raw
- ``billing.add_order``: order for a customer
- ``billing.change_order``: cancel an order
- ``billing.add_invoice``: write an invoice's draft
- ``billing.change_invoice``: issue, cancel and resend an invoice
- ``billing.change_service``: activate with login details, complete, suspend, let run again, end
- ``billing.change_billingfailure``: try again what the daily run could not do
- ``billing.see_reports``: revenue, recurring revenue, receivables and who is late with paying
- ``billing.view_ledgercheck``: what the nightly check of the books found
- ``billing.change_taxinvoice``: file tax invoices, or say why there is none
- ``billing.reprice_service``: change what renewals cost, at once or announced (P7)
- ``billing.issue_credit_note``: correct an issued invoice; ``billing.pay_refund``: pay credit out;
  ``billing.write_off``: give an unpaid invoice up
- ``accounts.change_outboxemail``: send an email again
- ``tickets.view_ticket``: the tickets of the departments that name the person; all with ``tickets.see_all_departments``
- ``tickets.answer_ticket``: reply to them, note, arrange, close
- ``tickets.view_inboundemail``: every email that came in, for whichever department; change: try one again
- ``onboarding.work_on_case``: move, schedule, upload, assign, write, in cases of the person or the person's team
- ``onboarding.move_back_case``, ``onboarding.stop_case``: what needs a reason; ``onboarding.see_all_cases``: every team's
- ``onboarding.add_case``: open one by hand; ``onboarding.add_quotation``: make and send quotations
"""

from collections.abc import Iterable, Mapping

from django.apps import AppConfig
from django.contrib.auth.models import Group, Permission

SEE_PEOPLE = (
    "accounts.view_customer accounts.view_membership accounts.view_invitation accounts.view_customerevent "
    "accounts.view_user accounts.view_outboxemail"
)
SEE_MONEY = (
    "billing.view_order billing.view_invoice billing.view_payment billing.view_creditentry billing.view_service "
    "billing.view_paymentconfirmation billing.view_promotionredemption billing.view_bankaccount billing.view_paymentmethod "
    "billing.view_creditnote billing.view_refund billing.view_providerrefund billing.view_creditaccount "
    "billing.view_billingrun billing.view_billingfailure billing.view_servicechange "
    "billing.view_pricechange billing.view_servicetransfer "
    "billing.view_statementline billing.view_statementimport billing.view_paymentattempt"
)
SEE_CATALOG = (
    "catalog.view_productgroup catalog.view_product catalog.view_optiongroup catalog.view_option catalog.view_addon "
    "catalog.view_choice catalog.view_domainextension catalog.view_promotion catalog.view_taxrule"
)
EDIT_CATALOG = " ".join(
    f"catalog.{verb}_{model}"
    for model in [
        "productgroup",
        "product",
        "price",
        "optiongroup",
        "option",
        "choice",
        "addon",
        "domainextension",
        "promotion",
        "taxrule",
    ]
    for verb in ("view", "add", "change", "delete")
)

SEE_TICKETS = (
    "tickets.view_ticket tickets.view_department tickets.view_knowledgecategory tickets.view_article "
    "tickets.view_announcement"
)
ANSWER_TICKETS = f"{SEE_TICKETS} tickets.answer_ticket tickets.view_cannedreply"
ARRANGE_TICKETS = " ".join(
    f"tickets.{verb}_{model}"
    for model in ["department", "cannedreply", "escalationrule", "knowledgecategory", "article", "announcement"]
    for verb in ("view", "add", "change", "delete")
)

SEE_ONBOARDING = "onboarding.view_case onboarding.view_template onboarding.view_staffcontact"
WORK_ON_ONBOARDING = f"{SEE_ONBOARDING} onboarding.work_on_case onboarding.stop_case"
ARRANGE_ONBOARDING = " ".join(
    f"onboarding.{verb}_{model}"
    for model in ["template", "templatestage", "requirementfield", "productrole", "staffcontact"]
    for verb in ("view", "add", "change", "delete")
)

SALES = "Penjualan"
BILLING = "Keuangan"
SUPPORT = "Dukungan"
PIC = "PIC"
ADMINISTRATOR = "Administrator"

# Permissions by group, each a string of names; a later app adds its own to the same groups here.
GROUPS: Mapping[str, tuple[str, ...]] = {
    SALES: (
        SEE_PEOPLE,
        SEE_MONEY,
        SEE_CATALOG,
        SEE_TICKETS,
        WORK_ON_ONBOARDING,
        "accounts.change_customer billing.add_order billing.change_order billing.add_invoice "
        "billing.reprice_service billing.see_reports",
        "onboarding.add_case onboarding.add_quotation onboarding.change_quotation",
    ),
    BILLING: (
        SEE_PEOPLE,
        SEE_MONEY,
        SEE_CATALOG,
        ANSWER_TICKETS,
        "billing.issue_credit_note billing.pay_refund billing.write_off "
        "billing.verify_payment billing.add_order billing.change_order billing.add_invoice billing.change_invoice "
        "billing.view_ledgercheck billing.see_reports billing.view_taxinvoice billing.change_taxinvoice "
        "billing.view_gatewaymessage "
        "accounts.change_customer accounts.change_outboxemail billing.change_billingfailure",
    ),
    SUPPORT: (
        SEE_PEOPLE,
        SEE_CATALOG,
        ANSWER_TICKETS,
        SEE_ONBOARDING,
        "billing.view_order billing.view_invoice billing.view_service billing.view_servicechange billing.change_service",
    ),
    PIC: (
        SEE_PEOPLE,
        SEE_CATALOG,
        SEE_TICKETS,
        WORK_ON_ONBOARDING,
        "billing.view_order billing.view_invoice billing.view_service",
        "onboarding.add_case onboarding.add_quotation onboarding.change_quotation",
    ),
    ADMINISTRATOR: (
        SEE_PEOPLE,
        SEE_MONEY,
        EDIT_CATALOG,
        ANSWER_TICKETS,
        ARRANGE_TICKETS,
        WORK_ON_ONBOARDING,
        ARRANGE_ONBOARDING,
        "billing.issue_credit_note billing.pay_refund billing.write_off "
        "billing.verify_payment billing.add_order billing.change_order billing.add_invoice billing.change_invoice "
        "billing.change_service billing.reprice_service billing.change_billingfailure "
        "billing.view_ledgercheck billing.see_reports billing.view_taxinvoice billing.change_taxinvoice "
        "billing.view_gatewaymessage "
        "billing.add_paymentmethod billing.change_paymentmethod billing.add_bankaccount "
        "billing.change_bankaccount billing.view_termsversion billing.add_termsversion billing.change_termsversion "
        "billing.view_numbercounter accounts.change_customer accounts.add_user accounts.change_user accounts.view_shop "
        "accounts.change_shop accounts.change_outboxemail cart.view_cart tickets.see_all_departments "
        "tickets.view_inboundemail tickets.change_inboundemail "
        "onboarding.add_case onboarding.add_quotation onboarding.change_quotation onboarding.move_back_case "
        "onboarding.see_all_cases",
        "accounts.view_holiday accounts.add_holiday accounts.change_holiday accounts.delete_holiday",
    ),
}


def permissions_of(group: str) -> frozenset[str]:
    return frozenset(name for names in GROUPS[group] for name in names.split())


def is_built_in(name: str) -> bool:
    return name in GROUPS


def set_up(sender: AppConfig, **kwargs) -> None:
    """After an app migrated: give the groups the table's permissions on that app's models, and take others away."""
    wanted = {group: _of_app(permissions_of(group), sender.label) for group in GROUPS}
    if not any(wanted.values()):
        return
    known = {one.codename: one for one in Permission.objects.filter(content_type__app_label=sender.label)}
    for name, codenames in wanted.items():
        group, _made = Group.objects.get_or_create(name=name)
        given = set(group.permissions.filter(content_type__app_label=sender.label))
        right = {known[codename] for codename in codenames if codename in known}
        group.permissions.add(*(right - given))
        group.permissions.remove(*(given - right))


def _of_app(names: Iterable[str], label: str) -> set[str]:
    return {codename for app, _, codename in (name.partition(".") for name in names) if app == label}
