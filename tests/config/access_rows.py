"""The project's own pages, allauth's, and the admin's frame. See tests/access.py for the form."""

from tests.access import Row, public, signed_in

_PROJECT = [
    public("home"),
    public("healthz"),
    signed_in("client-home"),
    public("set-language", method="post", status=302),
]


def _guests_only(url: str, **more) -> Row:
    """Those who are signed in already are led on."""
    return Row(url, **{"anonymous": 200, "stranger": 302, "lesser": 302, "staff": 302, "allowed": 302, **more})


def _half_signed_in(url: str) -> Row:
    """A step between password and client area: whoever is not in the middle of signing in is sent elsewhere."""
    return signed_in(url, status=302)


def _asks_again(url: str, **more) -> Row:
    """Changes how one signs in: only for those who typed their password a moment ago."""
    return signed_in(url, status=302, **more)


_SIGN_IN = [
    _guests_only("account_login"),
    _guests_only("account_signup"),
    public("account_inactive"),
    public("account_email_verification_sent"),
    public("account_confirm_email", make=lambda world: {"key": "no-such-key"}),
    public("account_reset_password"),
    public("account_reset_password_done"),
    public("account_reset_password_from_key", make=lambda world: {"uidb36": "1", "key": "no-such-key"}),
    public("account_reset_password_from_key_done"),
    _half_signed_in("account_confirm_login_code"),
    _half_signed_in("mfa_authenticate"),
    _half_signed_in("mfa_login_webauthn"),
]
_ACCOUNT = [
    signed_in("account_logout", anonymous=302),
    signed_in("account_email"),
    signed_in("account_change_password"),
    signed_in("account_set_password", status=302),
    signed_in("account_reauthenticate"),
    signed_in("usersessions_list"),
    signed_in("mfa_index"),
    signed_in("mfa_list_webauthn"),
    _asks_again("mfa_reauthenticate"),
    _asks_again("mfa_reauthenticate_webauthn"),
    _asks_again("mfa_activate_totp"),
    _asks_again("mfa_generate_recovery_codes"),
    _asks_again("mfa_add_webauthn"),
    _asks_again("mfa_remove_webauthn", make=lambda world: {"pk": 1}),
    _asks_again("mfa_edit_webauthn", make=lambda world: {"pk": 1}),
    # Nobody in this world has a second factor.
    signed_in("mfa_deactivate_totp", status=404),
    signed_in("mfa_view_recovery_codes", status=404),
    signed_in("mfa_download_recovery_codes", status=404),
]
ROWS = [*_PROJECT, *_SIGN_IN, *_ACCOUNT]
