"""Settings by topic; every value that differs between installs is read from the environment by ``env``."""

from kb_site.settings.paths import *  # noqa: F403

from kb_site.settings.apps import *  # noqa: F403  isort: skip
from kb_site.settings.database import *  # noqa: F403  isort: skip
from kb_site.settings.language import *  # noqa: F403  isort: skip
from kb_site.settings.security import *  # noqa: F403  isort: skip
from kb_site.settings.files import *  # noqa: F403  isort: skip
from kb_site.settings.cms import *  # noqa: F403  isort: skip
from kb_site.settings.law import *  # noqa: F403  isort: skip
from kb_site.settings.mail import *  # noqa: F403  isort: skip
from kb_site.settings.finding import *  # noqa: F403  isort: skip
from kb_site.settings.proof import *  # noqa: F403  isort: skip
from kb_site.settings.logs import *  # noqa: F403  isort: skip
