"""Roles as groups, and what each may do. A migration creates them; administrators may adjust them afterwards."""

from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

READ = (
    "stories.read_storypage", "stories.capture_storypage", "ideas.view_theme", "ideas.view_idea", "ideas.support_idea",
)  # fmt: skip
ADMIN = ("wagtailadmin.access_admin",)
VOCABULARY = tuple(
    f"stories.{action}_{model}"
    for model in ("tag", "touchpoint", "productline")
    for action in ("add", "change", "view")
)
MEMBERS = ("club.add_member", "club.change_member", "club.view_member", "club.view_stratum")
CONSENT_VIEW = tuple(
    f"consent.view_{model}"
    for model in ("consent", "consenttext", "grant", "approval", "consentevent", "suggestion", "letter")
)
LEARNING = (
    "onboarding.run_tracks",
    *(
        f"onboarding.{action}_{model}"
        for model in ("competency", "assignmentrule", "employee")
        for action in ("add", "change", "view")
    ),
    "onboarding.delete_assignmentrule",
)
CONSENT_WRITE = ("consent.add_consent", "consent.add_approval", "consent.withdraw_consent")
# Synonyms, promoted results, and what the log of searches tells.
FINDING = (
    "search.view_loggedquery",
    *(f"search.{action}_synonym" for action in ("add", "change", "delete", "view")),
    *(f"wagtailsearchpromotions.{action}_searchpromotion" for action in ("add", "change", "delete")),
)
DEMANDS = ("consent.add_demand", "consent.view_demand")
IDEAS = (
    "ideas.code_story", "ideas.add_theme", "ideas.change_theme", "ideas.add_idea", "ideas.change_idea",
    "ideas.score_idea", "ideas.decide_idea",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Role:
    """A group: its fixed name, its permissions, and whether it edits stories and pictures."""

    name: str
    permissions: tuple[str, ...]
    edits_stories: bool = False
    edits_learning: bool = False
    everything: bool = False


ROLES = (
    Role("Reader", READ),
    Role("Newcomer", READ),
    Role("Mentor", READ),
    Role(
        "Story keeper",
        (*READ, *ADMIN, *VOCABULARY, *MEMBERS, *CONSENT_VIEW, *CONSENT_WRITE, *DEMANDS, *FINDING,
         "stories.add_storypage", "stories.change_storypage", "stories.export_storypage", "stories.delete_tag"),
        edits_stories=True,
    ),
    Role("Club host", (*READ, *ADMIN, *MEMBERS, *CONSENT_VIEW, *CONSENT_WRITE, *DEMANDS, "ideas.score_idea")),
    Role("Marketer", (*READ, *ADMIN, *VOCABULARY, *IDEAS)),
    Role("HR lead", (*READ, *ADMIN, *LEARNING), edits_learning=True),
    Role(
        "Data protection officer",
        (*READ, *ADMIN, *CONSENT_VIEW, *CONSENT_WRITE, *DEMANDS, "consent.change_demand", "consent.add_consenttext",
         "consent.change_consenttext", "consent.confirm_consenttext",
         "consent.add_erasurerun", "consent.view_erasurerun",
         "club.view_member", "club.view_stratum", "club.view_identity"),
    ),
    Role("Administrator", (), edits_stories=True, edits_learning=True, everything=True),
)  # fmt: skip
# Key of a role in files and commands → (name of its group, what people call it).
NAMES = {
    "reader": ("Reader", _("Reader")),
    "newcomer": ("Newcomer", _("Newcomer")),
    "mentor": ("Mentor", _("Mentor")),
    "story_keeper": ("Story keeper", _("Story keeper")),
    "club_host": ("Club host", _("Club host")),
    "marketer": ("Marketer", _("Marketer")),
    "hr_lead": ("HR lead", _("HR lead")),
    "dpo": ("Data protection officer", _("Data protection officer")),
    "administrator": ("Administrator", _("Administrator")),
}
KEYS = {key: group for key, (group, _label) in NAMES.items()}
LABELS = {key: label for key, (_group, label) in NAMES.items()}
