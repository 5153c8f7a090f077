"""How forms look: Django's renderer with the shop's field template."""

from django.forms.renderers import TemplatesSetting


class ShopRenderer(TemplatesSetting):
    field_template_name = "forms/field.html"
