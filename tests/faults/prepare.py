"""Make a shop with one product and several customers ready to order, in the database that the environment names.

``python -m tests.faults.prepare BUYERS`` prints JSON: the product's path, and a session cookie for each buyer.
"""

import json
import os
import sys

import django


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    django.setup()
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    from django.conf import settings
    from django.test import Client

    from tests import factories

    factories.bank_account()
    factories.terms()
    product = factories.product()
    cookies = []
    for _buyer in range(int(sys.argv[1])):
        person = factories.user()
        factories.customer(person)
        client = Client()
        client.force_login(person)
        cookies.append(f"{settings.SESSION_COOKIE_NAME}={client.cookies[settings.SESSION_COOKIE_NAME].value}")
    sys.stdout.write(json.dumps({"path": f"/store/{product.group.slug}/{product.slug}/", "cookies": cookies}))


if __name__ == "__main__":
    main()
