"""Mail: any SMTP server, or the console."""

from kb_site.settings import env

EMAIL_HOST = env.text("KB_EMAIL_HOST")
EMAIL_PORT = env.number("KB_EMAIL_PORT", 587, minimum=1)
EMAIL_HOST_USER = env.text("KB_EMAIL_USER")
EMAIL_HOST_PASSWORD = env.text("KB_EMAIL_PASSWORD")
EMAIL_USE_TLS = env.flag("KB_EMAIL_TLS", default=True)
DEFAULT_FROM_EMAIL = env.text("KB_EMAIL_FROM", "club@localhost")
EMAIL_BACKEND = (
    "django.core.mail.backends.smtp.EmailBackend"
    if EMAIL_HOST
    else "django.core.mail.backends.console.EmailBackend"
)
WAGTAILADMIN_NOTIFICATION_FROM_EMAIL = DEFAULT_FROM_EMAIL
