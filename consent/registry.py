"""What other apps do when a narrator's clearance changes; they say so in their ``apps.py``, consent knows no more."""

from collections.abc import Callable, Iterable

ClearanceListener = Callable[[Iterable[int], bool], None]
ApprovalListener = Callable[[int, str, int | None], None]

_clearance: list[ClearanceListener] = []
_approval: list[ApprovalListener] = []


def on_clearance_change(listener: ClearanceListener) -> ClearanceListener:
    """Register a function of (member ids, gained), called inside the transaction that changed grants or approvals.

    ``gained`` says that nothing was taken back: more may be visible than before, never less.
    """
    if listener not in _clearance:
        _clearance.append(listener)
    return listener


def on_approval(listener: ApprovalListener) -> ApprovalListener:
    """Register a function of (member id, wording sha256, actor id), called when a wording is approved."""
    if listener not in _approval:
        _approval.append(listener)
    return listener


def clearance_changed(member_ids: Iterable[int], *, gained: bool = False) -> None:
    """Tell every listener whose clearance changed."""
    ids = list(member_ids)
    for listener in _clearance:
        listener(ids, gained)


def approved(member_id: int, wording_sha256: str, actor_id: int | None) -> None:
    """Tell every listener that a wording was approved."""
    for listener in _approval:
        listener(member_id, wording_sha256, actor_id)
