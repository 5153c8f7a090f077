"""The shop's own colour made readable: the tokens of /theme.css, with contrast computed, not hoped for."""

import colorsys
from dataclasses import dataclass

Rgb = tuple[int, int, int]

WHITE: Rgb = (255, 255, 255)
BLACK: Rgb = (0, 0, 0)
# The surfaces of app.css that text in the shop's colour stands on.
LIGHT_SURFACES: tuple[Rgb, ...] = (WHITE, (0xF6, 0xF7, 0xF9), (0xF0, 0xF2, 0xF6))
DARK_SURFACES: tuple[Rgb, ...] = ((0x17, 0x1C, 0x23), (0x0F, 0x13, 0x18), (0x1F, 0x26, 0x2F))
DARK_SURFACE = DARK_SURFACES[0]
# WCAG 2.2 AA asks for 4.5; a little more survives rounding and thin type.
READABLE = 4.7
STEP = 0.04
# The lightness at which a colour stands out on dark surfaces, and the one that tints them.
BRIGHT = 0.72
VIVID = 0.5


@dataclass(frozen=True)
class Palette:
    """Colours as ``#rrggbb``: text and buttons, what is written on those buttons, and a soft background."""

    primary: str
    on_primary: str
    soft: str


def light_palette(colour: str) -> Palette:
    """The shop's colour, darkened only as far as reading it on light surfaces needs."""
    brand = parse(colour)
    soft = mix(brand, WHITE, 0.9)
    primary = _until_readable(brand, BLACK, (*LIGHT_SURFACES, soft))
    return Palette(written(primary), written(WHITE), written(soft))


def dark_palette(colour: str) -> Palette:
    """The same colour for dark surfaces, lightened as far as needed; buttons carry dark text then."""
    brand = _at_least(BRIGHT, parse(colour))
    soft = mix(_at_least(VIVID, parse(colour)), DARK_SURFACE, 0.8)
    primary = _until_readable(brand, WHITE, (*DARK_SURFACES, soft))
    on_primary = _until_readable(mix(brand, BLACK, 0.8), BLACK, (primary,))
    return Palette(written(primary), written(on_primary), written(soft))


def stylesheet(colour: str) -> str:
    """The three primary tokens as CSS; unlayered, so that they win over app.css whatever its layers say."""
    light, dark = light_palette(colour), dark_palette(colour)
    return (
        ":root {\n"
        f"  --primary: light-dark({light.primary}, {dark.primary});\n"
        f"  --on-primary: light-dark({light.on_primary}, {dark.on_primary});\n"
        f"  --primary-soft: light-dark({light.soft}, {dark.soft});\n"
        "}\n"
    )


def contrast(one: Rgb, other: Rgb) -> float:
    """The contrast ratio of WCAG 2.2, from 1 to 21."""
    lighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def mix(colour: Rgb, with_colour: Rgb, share: float) -> Rgb:
    """``colour`` with ``share`` (0 to 1) of the other in it."""
    red, green, blue = (round(a + (b - a) * share) for a, b in zip(colour, with_colour, strict=True))
    return red, green, blue


def parse(colour: str) -> Rgb:
    """``#rrggbb`` as three numbers."""
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


def written(colour: Rgb) -> str:
    return "#{:02x}{:02x}{:02x}".format(*colour)


def _until_readable(colour: Rgb, towards: Rgb, surfaces: tuple[Rgb, ...]) -> Rgb:
    """The first mix towards black or white that is readable on every surface."""
    share = 0.0
    while share < 1:
        mixed = mix(colour, towards, share)
        if all(contrast(mixed, surface) >= READABLE for surface in surfaces):
            return mixed
        share += STEP
    return towards


def _at_least(light: float, colour: Rgb) -> Rgb:
    """The same hue, as vivid as it was, at this lightness (0 to 1) or its own where that is more."""
    hue, lightness, saturation = colorsys.rgb_to_hls(*(channel / 255 for channel in colour))
    red, green, blue = colorsys.hls_to_rgb(hue, max(lightness, light), saturation)
    return round(red * 255), round(green * 255), round(blue * 255)


def _luminance(colour: Rgb) -> float:
    red, green, blue = (_linear(channel / 255) for channel in colour)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(channel: float) -> float:
    return channel / 12.92 if channel <= 0.04045 else ((channel + 0.055) / 1.055) ** 2.4
