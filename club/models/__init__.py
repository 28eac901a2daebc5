"""Models of the club, one concept a module: employees → strata → members → identities (imports point up this list)."""

from club.models.identities import Identity
from club.models.members import Member
from club.models.strata import Stratum
from club.models.users import User

__all__ = ["Identity", "Member", "Stratum", "User"]
