"""The demo shop's onboardings: templates and roles of Jurnal and Talenta, the PICs' cards, cases at several stages.

Cases go their way by the services that move real ones; ``load`` may run again and leaves what is there.
"""

from onboarding.demo import cases, products


def load() -> None:
    products.load()
    cases.load()
