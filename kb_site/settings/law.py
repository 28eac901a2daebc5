"""The law that consent answers to, and what consent texts must say of the company."""

from kb_site.settings import env

KB_LAW = env.choice("KB_LAW", "152-fz", ("152-fz", "gdpr"))
# Days off of this country count in the terms of the GDPR; those of 152-ФЗ go by Russia's always.
KB_COUNTRY = env.text("KB_COUNTRY", "RU").upper()
KB_OPERATOR_ADDRESS = env.text("KB_OPERATOR_ADDRESS")
KB_OPERATOR_REGISTRATION = env.text("KB_OPERATOR_REGISTRATION")
KB_DPO_CONTACT = env.text("KB_DPO_CONTACT")
KB_AUTHORITY = env.text("KB_AUTHORITY")
KB_PUBLICATION_PLACES = env.text("KB_PUBLICATION_PLACES")
