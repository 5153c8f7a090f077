"""People, the customers they act for, the shop itself, and its outgoing email."""

from accounts.models.customers import Customer, CustomerEvent, Invitation, Membership
from accounts.models.holidays import Holiday
from accounts.models.jobs import JobRun
from accounts.models.mail import OutboxEmail
from accounts.models.shop import Shop
from accounts.models.users import User

__all__ = ["Customer", "CustomerEvent", "Holiday", "Invitation", "JobRun", "Membership", "OutboxEmail", "Shop", "User"]
