"""Static files with a hash in their name, so that browsers may keep them for ever."""

from whitenoise.storage import CompressedManifestStaticFilesStorage


class HashedStaticFilesStorage(CompressedManifestStaticFilesStorage):
    """whitenoise's storage, with the imports inside ES modules rewritten too."""

    support_js_module_import_aggregation = True
    manifest_strict = False
