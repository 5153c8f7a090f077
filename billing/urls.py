"""Addresses of billing. They stand in emails and bookmarks: they do not change."""

from django.urls import path, re_path

from billing.views import confirmations, credit, invoices, overview, pay, receipts, renewing, services, statements

app_name = "billing"
urlpatterns = [
    path("client/billing/", overview.billing_overview, name="billing-overview"),
    path("client/billing/statement/", statements.statement, name="statement"),
    re_path("^client/billing/statement/(?P<form_of>pdf|csv)/$", statements.statement, name="statement-file"),
    path("client/billing/confirm/", confirmations.confirm, name="confirm"),
    path("client/billing/confirm/together/", confirmations.confirm_together, name="confirm-together"),
    path("client/billing/confirmations/<int:confirmation_id>/withdraw/", confirmations.withdraw, name="withdraw"),
    path("client/billing/receipts/<int:payment_id>/", receipts.receipt, name="receipt"),
    path("client/billing/proofs/<int:pk>/", confirmations.proof, name="proof"),
    path("client/billing/credit/", credit.credit, name="credit"),
    path("client/billing/add-funds/", credit.add_funds, name="add-funds"),
    path("client/billing/refunds/<int:pk>/proof/", credit.refund_proof, name="refund-proof"),
    path("client/credit-notes/<slug:slug>/", credit.credit_note, name="credit-note"),
    path("client/credit-notes/<slug:slug>/pdf/", credit.credit_note_pdf, name="credit-note-pdf"),
    path("client/invoices/", invoices.invoices, name="invoices"),
    path("client/invoices/<slug:slug>/", invoices.invoice, name="invoice"),
    path("client/invoices/<slug:slug>/pdf/", invoices.invoice_pdf, name="invoice-pdf"),
    path("client/invoices/<slug:slug>/state/", invoices.invoice_state, name="invoice-state"),
    path("client/invoices/<slug:slug>/confirm/", confirmations.invoice_confirm, name="invoice-confirm"),
    path("client/invoices/<slug:slug>/method/", invoices.invoice_method, name="invoice-method"),
    path("client/invoices/<slug:slug>/po/", invoices.invoice_po, name="invoice-po"),
    path("client/invoices/<slug:slug>/drop/", credit.invoice_drop, name="invoice-drop"),
    path("client/invoices/<slug:slug>/credit/", invoices.invoice_credit, name="invoice-credit"),
    path("client/invoices/<slug:slug>/share/", invoices.invoice_share, name="invoice-share"),
    path("client/invoices/<slug:slug>/unshare/", invoices.invoice_unshare, name="invoice-unshare"),
    path("client/services/", services.services, name="services"),
    path("client/services/<int:pk>/", services.service, name="service"),
    path("client/services/<int:pk>/end/", services.service_end, name="service-end"),
    path("client/services/<int:pk>/stay/", services.service_stay, name="service-stay"),
    path("client/services/<int:pk>/keep/", services.service_keep, name="service-keep"),
    path("client/services/<int:pk>/renew/", renewing.service_renew, name="service-renew"),
    path("client/services/<int:pk>/renew/cancel/", renewing.service_give_up, name="service-give-up"),
    path("client/services/<int:pk>/login/", services.service_login, name="service-login"),
    path("pay/<str:token>/", pay.pay, name="pay"),
    path("pay/<str:token>/pdf/", pay.pay_pdf, name="pay-pdf"),
    path("legal/<slug:slug>/", overview.terms, name="terms"),
    path("legal/<slug:slug>/<str:version>/", overview.terms, name="terms-version"),
]
