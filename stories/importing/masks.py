"""Masking while importing: every proposal of the machine carried out, on request; nobody has looked it through yet."""

from stories.importing.planning import Step
from stories.services.masking import masked_by_machine


def mask_draft(step: Step) -> None:
    """Replace what names somebody in a row that becomes a draft.

    The row stays known by what the source says: its fingerprint and digest are taken before.
    """
    draft = step.draft
    _known = draft.fingerprint, draft.digest
    narrator = step.story.member_id if step.story else None
    title, summary, blocks, marks = masked_by_machine(
        draft.title, draft.summary, draft.blocks, draft.language, narrator, draft.persona
    )
    draft.masked = (title, summary, blocks) != (draft.title, draft.summary, draft.blocks)
    draft.title, draft.summary, draft.blocks, draft.spoken = title, summary, blocks, tuple(marks)
