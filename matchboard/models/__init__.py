"""Tables; one module per subject. Importing the package registers all of them."""

from matchboard.models.account import (
    AbsenceCover,
    AccountSession,
    SecuritySetting,
    SetupCode,
    SignInFailure,
    User,
)
from matchboard.models.audit import AuditEntry
from matchboard.models.client import (
    Client,
    ClientCertificate,
    ClientExperience,
    ClientSkill,
    CorrectionRequest,
    PersonalLink,
    RestrictedRecord,
)
from matchboard.models.keys import KeyProof
from matchboard.models.organisation import Partner, Unit
from matchboard.models.placement import (
    BarDecision,
    Consent,
    OutcomeCheck,
    Placement,
    PlacementEvent,
    Reminder,
    ShownList,
)
from matchboard.models.policy import PolicyRuleSet
from matchboard.models.ranking import RankingModel
from matchboard.models.training import (
    Course,
    CourseConsent,
    CourseSession,
    CourseSkill,
    Enrolment,
    EnrolmentEvent,
)
from matchboard.models.vacancy import Vacancy, VacancyEvent, VacancyRequirement
from matchboard.models.web import BackgroundTask, FormDraft, Submission, WorkerPulse

__all__ = [
    "AbsenceCover",
    "AccountSession",
    "AuditEntry",
    "BackgroundTask",
    "BarDecision",
    "Client",
    "ClientCertificate",
    "ClientExperience",
    "ClientSkill",
    "Consent",
    "CorrectionRequest",
    "Course",
    "CourseConsent",
    "CourseSession",
    "CourseSkill",
    "Enrolment",
    "EnrolmentEvent",
    "FormDraft",
    "KeyProof",
    "OutcomeCheck",
    "Partner",
    "PersonalLink",
    "Placement",
    "PlacementEvent",
    "PolicyRuleSet",
    "RankingModel",
    "Reminder",
    "RestrictedRecord",
    "SecuritySetting",
    "SetupCode",
    "ShownList",
    "SignInFailure",
    "Submission",
    "Unit",
    "User",
    "Vacancy",
    "VacancyEvent",
    "VacancyRequirement",
    "WorkerPulse",
]
