"""The browser and system that a user agent names, in words people know; no more than a page of sessions needs."""

from django.utils.translation import gettext as _

# Looked for in this order: Edge and Opera also say Chrome, and Chrome also says Safari.
_BROWSERS = {
    "Edg": "Edge",
    "OPR/": "Opera",
    "SamsungBrowser": "Samsung Internet",
    "Firefox": "Firefox",
    "FxiOS": "Firefox",
    "CriOS": "Chrome",
    "Chrome": "Chrome",
    "Safari": "Safari",
}
_SYSTEMS = {
    "iPhone": "iPhone",
    "iPad": "iPad",
    "Android": "Android",
    "CrOS": "ChromeOS",
    "Windows": "Windows",
    "Mac OS X": "macOS",
    "Linux": "Linux",
}


def name_of(user_agent: str) -> str:
    """``Chrome, Windows``; what it does not know it says so."""
    known = [_first(_BROWSERS, user_agent), _first(_SYSTEMS, user_agent)]
    return ", ".join(filter(None, known)) or _("Perangkat tidak dikenal")


def icon_of(user_agent: str) -> str:
    return "device-mobile" if any(word in user_agent for word in ("iPhone", "Android", "Mobile")) else "device-laptop"


def _first(names: dict[str, str], user_agent: str) -> str:
    return next((name for sign, name in names.items() if sign in user_agent), "")
