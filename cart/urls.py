from django.urls import path

from cart.views import checkout, configure, review

app_name = "cart"
urlpatterns = [
    path("store/<slug:group_slug>/<slug:product_slug>/", configure.configure, name="configure"),
    path("store/<slug:group_slug>/<slug:product_slug>/quote/", configure.live_quote, name="configure-quote"),
    path("store/<slug:group_slug>/<slug:product_slug>/domains/", configure.domain_search, name="domain-search"),
    path("cart/", review.review, name="review"),
    path("cart/items/<int:item_id>/", configure.edit, name="edit"),
    path("cart/items/<int:item_id>/remove/", review.remove, name="remove"),
    path("cart/empty/", review.empty, name="empty"),
    path("cart/restore/", review.restore, name="restore"),
    path("cart/promo/", review.promo, name="promo"),
    path("cart/shared/<str:token>/", review.shared, name="shared"),
    path("cart/checkout/", checkout.checkout, name="checkout"),
    path("cart/checkout/sign-in/", checkout.sign_in, name="sign-in"),
]
