"""The shop's own colour stays readable, whatever staff choose."""

import colorsys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounts.models import Shop
from config import theme

AA = 4.5
colours = st.integers(0, 0xFFFFFF).map("#{:06x}".format)


@given(colours)
def test_text_and_buttons_in_any_colour_are_readable_in_both_themes(colour):
    for palette, surfaces in (
        (theme.light_palette(colour), theme.LIGHT_SURFACES),
        (theme.dark_palette(colour), theme.DARK_SURFACES),
    ):
        primary = theme.parse(palette.primary)
        for surface in (*surfaces, theme.parse(palette.soft), theme.parse(palette.on_primary)):
            assert theme.contrast(primary, surface) >= AA


def test_a_colour_that_is_readable_already_is_left_as_it_is():
    assert theme.light_palette("#1557c0").primary == "#1557c0"


@pytest.mark.parametrize("colour", ["#ffd400", "#00c2a8", "#e2001a"])
def test_a_colour_made_readable_keeps_its_hue(colour):
    def hue(written: str) -> float:
        return colorsys.rgb_to_hls(*(channel / 255 for channel in theme.parse(written)))[0]

    assert hue(theme.light_palette(colour).primary) == pytest.approx(hue(colour), abs=0.02)


def test_contrast_is_that_of_wcag():
    assert theme.contrast(theme.BLACK, theme.WHITE) == pytest.approx(21)
    assert theme.contrast(theme.WHITE, theme.WHITE) == pytest.approx(1)


def test_the_stylesheet_follows_the_shop_s_colour(client, db):
    before = client.get("/theme.css")
    shop = Shop.current()
    shop.colour = "#a3195b"
    shop.save()
    after = client.get("/theme.css")
    assert "#a3195b" not in before.content.decode()
    assert "light-dark(#a3195b" in after.content.decode()
    assert after.headers["Content-Type"] == "text/css; charset=utf-8"
    assert before.headers["ETag"] != after.headers["ETag"]


def test_an_unchanged_stylesheet_is_not_sent_again(client, db):
    tag = client.get("/theme.css").headers["ETag"]
    again = client.get("/theme.css", headers={"If-None-Match": tag})
    assert again.status_code == 304
    assert again.content == b""


def test_the_stylesheet_is_public_and_sets_no_cookie(client, db):
    response = client.get("/theme.css")
    assert "public" in response.headers["Cache-Control"]
    assert not response.cookies


def test_the_icon_shows_the_shop_s_initial(client, db):
    shop = Shop.current()
    shop.name = "Nusa Layanan"
    shop.save()
    assert b">N</text>" in client.get("/icon.svg").content


def test_a_shop_without_a_logo_has_none_to_serve(client, db):
    assert client.get("/logo").status_code == 404
