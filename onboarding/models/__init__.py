"""Everything onboarding keeps, by subject."""

from onboarding.models.appointments import Appointment, AppointmentEvent
from onboarding.models.cases import Case, CaseEvent, PicAssignment, Stage, StageEvent
from onboarding.models.changes import Change, DigestChoice, DigestEntry, InternalNote, PublicUpdate, Rating
from onboarding.models.contacts import StaffContact
from onboarding.models.documents import Document, DocumentEvent, DocumentVersion, Signature
from onboarding.models.quotations import Quotation, QuotationCounter
from onboarding.models.requirements import Requirement, RequirementEvent
from onboarding.models.roles import MemberRole, ProductRole
from onboarding.models.templates import RequirementField, StageKey, Template, TemplateStage

__all__ = [
    "Appointment",
    "AppointmentEvent",
    "Case",
    "CaseEvent",
    "Change",
    "DigestChoice",
    "DigestEntry",
    "Document",
    "DocumentEvent",
    "DocumentVersion",
    "InternalNote",
    "MemberRole",
    "PicAssignment",
    "ProductRole",
    "PublicUpdate",
    "Quotation",
    "QuotationCounter",
    "Rating",
    "Requirement",
    "RequirementEvent",
    "RequirementField",
    "Signature",
    "StaffContact",
    "Stage",
    "StageEvent",
    "StageKey",
    "Template",
    "TemplateStage",
]
