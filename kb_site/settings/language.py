"""Languages and time: Russian and English are both first-class."""

from django.utils.translation import gettext_lazy as _

from kb_site.settings import env
from kb_site.settings.paths import BASE_DIR

LANGUAGES = [("ru", _("Russian")), ("en", _("English"))]
LANGUAGE_CODE = env.choice("KB_LANGUAGE", "ru", ("ru", "en"))
LANGUAGE_COOKIE_SAMESITE = "Lax"
LANGUAGE_COOKIE_AGE = 60 * 60 * 24 * 365
LOCALE_PATHS = [BASE_DIR / "locale"]
TIME_ZONE = env.text("KB_TIME_ZONE", "Europe/Moscow")
USE_I18N = True
USE_TZ = True
# Ask the neural net for names too, where the extra `names` is installed: slower, and 100 MB more a process.
KB_NAMES_NET = env.flag("KB_NAMES_NET")
WAGTAIL_I18N_ENABLED = False
WAGTAILADMIN_PERMITTED_LANGUAGES = [("ru", "Русский"), ("en", "English")]
WAGTAIL_CONTENT_LANGUAGES = LANGUAGES
