"""A member's role in a product."""

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.models import Customer, Membership
from catalog.models import Product
from onboarding.models import ProductRole


class MemberRoleForm(forms.Form):
    """Without a role the member keeps none in the product."""

    membership = forms.ModelChoiceField(Membership.objects.none(), widget=forms.HiddenInput)
    product = forms.ModelChoiceField(Product.objects.none(), widget=forms.HiddenInput)
    role = forms.ModelChoiceField(ProductRole.objects.none(), label=_("Peran"), required=False)

    def __init__(self, data, *, customer: Customer, products: list[Product]) -> None:
        # The page has one such form for each member and product.
        super().__init__(data, auto_id=f"%s-{data.get('product')}-{data.get('membership')}")
        ids = [product.pk for product in products]
        self.fields["membership"].queryset = Membership.objects.filter(customer=customer).select_related("user")
        self.fields["product"].queryset = Product.objects.filter(pk__in=ids)
        self.fields["role"].queryset = ProductRole.objects.filter(product__in=ids)

    def clean(self) -> dict:
        product, role = self.cleaned_data.get("product"), self.cleaned_data.get("role")
        if product and role and role.product_id != product.pk:
            self.add_error("role", _("Pilih salah satu peran produk ini."))
        return self.cleaned_data
