"""Ordering for a customer: products with the shop's own forms, reviewed with today's prices, and ordered at that total."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.admin.choosing import Door, choose_customer
from accounts.models import Customer, Shop
from accounts.texts import validate_one_line
from billing import instalments, ordering, paymethods, quoted
from billing.documents import TotalRow
from billing.forms import RowField
from billing.models import Order
from catalog import item_forms
from catalog.item_forms import ItemsOnPage
from catalog.money import spread
from catalog.pricing import ConfigurationError, Quote
from catalog.promotions import MAX_CODE, PromotionRefused

PERMISSION = "billing.add_order"
LONGEST_NOTES = 2_000


class TermsForm(forms.Form):
    """``key`` names this one order, so that sending the form twice places one."""

    prefix = "terms"
    key = forms.UUIDField(widget=forms.HiddenInput, initial=uuid.uuid4)
    payment_method = RowField(label=_("Metode pembayaran"))
    promotion_code = forms.CharField(
        label=_("Kode promo"),
        required=False,
        max_length=MAX_CODE,
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )
    plan = forms.CharField(
        label=_("Termin"),
        required=False,
        max_length=200,
        widget=forms.TextInput(attrs={"autocomplete": "off", "placeholder": "50, 30, 20"}),
        help_text=_(
            "Persen tiap termin, atau dengan hari jatuh temponya setelah pesanan: 50:0, 30:14, 20:45. Kosong: satu tagihan."
        ),
    )
    po_number = forms.CharField(label=_("Nomor PO"), max_length=60, required=False, validators=[validate_one_line])
    notes = forms.CharField(
        label=_("Catatan"), required=False, max_length=LONGEST_NOTES, widget=forms.Textarea(attrs={"rows": 3})
    )

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.fields["payment_method"].offer(paymethods.active())

    @classmethod
    def as_typed(cls, data: QueryDict) -> "TermsForm":
        """With what was typed so far, of which nothing is wrong yet."""
        return cls(
            initial={name: data[f"{cls.prefix}-{name}"] for name in cls.base_fields if f"{cls.prefix}-{name}" in data}
        )

    def clean_plan(self) -> instalments.Plan:
        try:
            return read_plan(self.cleaned_data["plan"])
        except instalments.CannotRead as error:
            raise ValidationError(str(error)) from error


class SeenForm(forms.Form):
    """The total that the page showed."""

    total = forms.DecimalField(required=False)


def read_plan(text: str) -> list[instalments.Instalment]:
    return instalments.parse(text, first_due_in_days=Shop.current().invoice_due_days)


@dataclass(frozen=True)
class ShownPart:
    """About: each part is rounded and taxed by itself when it is ordered."""

    number: int
    percent: int
    amount: Decimal
    due_on: date


@dataclass
class Editor:
    """What the page knows of the order that is being put together."""

    customer: Customer
    items: ItemsOnPage
    terms: TermsForm
    typed_plan: str = ""
    quote: Quote | None = None
    problems: list[str] = field(default_factory=list)

    @property
    def amounts(self) -> list[TotalRow]:
        return quoted.totals(self.quote) if self.quote else []

    @property
    def lines(self) -> list[dict]:
        return [quoted.line_words(line, self.quote.currency) for line in self.quote.lines] if self.quote else []

    @property
    def parts(self) -> Sequence[ShownPart]:
        """Of the plan, once it can be read."""
        try:
            plan = read_plan(self.typed_plan)
        except instalments.CannotRead:
            return ()
        if self.quote is None or len(plan) < 2:
            return ()
        amounts = spread(self.quote.total, [Decimal(part.percent) for part in plan], self.quote.currency)
        today = timezone.localdate()
        return [
            ShownPart(number, part.percent, amount, today + timedelta(days=part.due_in_days))
            for number, (part, amount) in enumerate(zip(plan, amounts, strict=True), start=1)
        ]


class OrderPages(admin.ModelAdmin):
    """Adds choosing a customer and ordering for them to the admin of orders."""

    def get_urls(self) -> list:
        view = self.admin_site.admin_view
        return [
            path("new/", view(self.choose), name="billing_order_new"),
            path("new/<int:customer_id>/", view(self.put_together), name="billing_order_for"),
            *super().get_urls(),
        ]

    def choose(self, request: HttpRequest) -> HttpResponse:
        _require_may_order(request)
        door = Door(
            address=lambda customer: reverse("admin:billing_order_for", args=[customer.pk]), label=gettext("Pesankan")
        )
        return choose_customer(request, title=gettext("Pesan untuk pelanggan"), door=door, opts=self.model._meta)

    def put_together(self, request: HttpRequest, customer_id: int) -> HttpResponse:
        _require_may_order(request)
        customer = get_object_or_404(Customer, pk=customer_id)
        if request.method != "POST":
            return self._page(request, Editor(customer, ItemsOnPage([]), TermsForm()))
        orders = request.POST.get("action") == "order"
        terms = TermsForm(request.POST) if orders else TermsForm.as_typed(request.POST)
        editor = Editor(customer, ItemsOnPage.posted(request.POST), terms, request.POST.get("terms-plan", ""))
        code = request.POST.get("terms-promotion_code", "")
        editor.quote, refusals = quoted.of_page(editor.items, customer=customer, promotion_code=code)
        if not orders:
            editor.problems += refusals
            if request.POST.get("action") == "add":
                editor.items.blame_nothing()
            return self._page(request, editor)
        return self._order(request, editor, refusals)

    def _order(self, request: HttpRequest, editor: Editor, refusals: Sequence[str]) -> HttpResponse:
        """Placed once everything is in order and the total is the one that the person saw."""
        if not editor.items.items:
            editor.problems.append(gettext("Tambahkan produk yang dipesan."))
        editor.problems += [problem for item in editor.items.items for problem in item.problems]
        editor.problems += refusals
        if editor.terms.is_valid() and not editor.problems and (order := self._place(request, editor)):
            self.log_addition(request, order, gettext("Dipesan untuk pelanggan"))
            words = gettext("Pesanan %(order)s dibuat; %(customer)s menerima tagihannya lewat email.")
            messages.success(request, words % {"order": order, "customer": editor.customer.name})
            return redirect("admin:billing_order_change", order.pk)
        return self._page(request, editor, status=422)

    def _place(self, request: HttpRequest, editor: Editor) -> Order | None:
        seen, given = SeenForm(request.POST), editor.terms.cleaned_data
        if not seen.is_valid() or seen.cleaned_data["total"] is None:
            editor.problems.append(gettext("Periksa totalnya, lalu pesan."))
            return None
        try:
            return ordering.place_order(
                actor=request.user,
                customer=editor.customer,
                items=editor.items.chosen,
                promotion_code=given["promotion_code"].strip(),
                payment_method=given["payment_method"],
                # The customer has not been asked; the invoice is what they agree to by paying.
                terms=None,
                ip_address=None,
                notes=given["notes"],
                po_number=given["po_number"],
                checkout_key=given["key"],
                language=editor.customer.language,
                expected_total=seen.cleaned_data["total"],
                plan=given["plan"],
            )
        except ConfigurationError as error:
            editor.problems += map(str, error.problems.values())
        except (ordering.OrderRefused, PromotionRefused) as refusal:
            editor.problems.append(str(refusal))
        return None

    def _page(self, request: HttpRequest, editor: Editor, *, status: int = 200) -> HttpResponse:
        context = {
            **self.admin_site.each_context(request),
            "title": gettext("Pesan untuk pelanggan"),
            "opts": self.model._meta,
            "editor": editor,
            "form": editor.terms,
            "products": item_forms.products(),
            "here": reverse("admin:billing_order_for", args=[editor.customer.pk]),
        }
        return TemplateResponse(request, "admin/billing/order_editor.html", context, status=status)


def _require_may_order(request: HttpRequest) -> None:
    if not request.user.has_perm(PERMISSION):
        raise PermissionDenied
