"""Departments, tickets with their messages, what staff arranges beforehand, and the knowledge base."""

from tickets.models.automation import EscalationRule, EscalationRun
from tickets.models.departments import CannedReply, Department
from tickets.models.inbound import InboundEmail
from tickets.models.knowledge import Announcement, Article, ArticleVote, KnowledgeCategory
from tickets.models.messages import Attachment, Message, StaffNote
from tickets.models.tickets import Presence, Priority, Ticket, TicketConfirmation, TicketEvent, TicketRead

__all__ = [
    "Announcement",
    "Article",
    "ArticleVote",
    "Attachment",
    "CannedReply",
    "Department",
    "EscalationRule",
    "EscalationRun",
    "InboundEmail",
    "KnowledgeCategory",
    "Message",
    "Presence",
    "Priority",
    "StaffNote",
    "Ticket",
    "TicketConfirmation",
    "TicketEvent",
    "TicketRead",
]
