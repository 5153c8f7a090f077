"""The banks whose virtual accounts both providers open."""

from billing.gateways.base import Channel

BANKS = (
    Channel("bca", "BCA"),
    Channel("bni", "BNI"),
    Channel("bri", "BRI"),
    Channel("permata", "Permata"),
    Channel("mandiri", "Mandiri"),
)
NAMES = {bank.code: bank.name for bank in BANKS}
