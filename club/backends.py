"""Signing in with name and password, and an employee's permissions in one query instead of two."""

from django.contrib.auth.backends import ModelBackend
from django.contrib.auth.models import AnonymousUser
from django.db import connection
from django.db.models import Model

from club.models import User

ALL = """
SELECT t.app_label, p.codename FROM auth_permission p
JOIN django_content_type t ON t.id = p.content_type_id
WHERE p.id IN (
    SELECT gp.permission_id FROM auth_group_permissions gp
    JOIN club_user_groups ug ON ug.group_id = gp.group_id WHERE ug.user_id = %s
    UNION SELECT up.permission_id FROM club_user_user_permissions up WHERE up.user_id = %s)
"""


class EmployeeBackend(ModelBackend):
    """Django's backend, asked once a request for everything somebody may do."""

    def get_all_permissions(self, user_obj: User | AnonymousUser, obj: Model | None = None) -> set[str]:
        """Return ``app.codename`` of every permission the employee has by herself or by her groups."""
        if not user_obj.is_active or user_obj.is_anonymous or obj is not None:
            return set()
        if user_obj.is_superuser:
            return super().get_all_permissions(user_obj, obj)
        known: set[str] | None = getattr(user_obj, "_perm_cache", None)  # Django's own place for them
        if known is None:
            with connection.cursor() as cursor:
                cursor.execute(ALL, [user_obj.pk, user_obj.pk])
                known = {f"{app}.{codename}" for app, codename in cursor.fetchall()}
            user_obj._perm_cache = known  # type: ignore[attr-defined]
        return known
