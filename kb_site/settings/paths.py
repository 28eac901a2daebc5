"""Where the project lies and where it keeps its state."""

from pathlib import Path

from kb_site.settings import env

BASE_DIR = Path(__file__).resolve().parent.parent.parent
KB_DATA_DIR = env.path("KB_DATA_DIR", BASE_DIR / "var")
# An install with a data directory of its own keeps its uploads there too, unless told otherwise.
KB_MEDIA_ROOT = env.path(
    "KB_MEDIA_ROOT", KB_DATA_DIR / "media" if env.text("KB_DATA_DIR") else BASE_DIR / "media"
)
SEARCH_URL = env.text("SEARCH_URL", "embedded")
SEARCH_INDEX_DIR = KB_DATA_DIR / "search"
# For an engine on a server: docs/search-engines.md.
SEARCH_API_KEY = env.text("SEARCH_API_KEY")
SEARCH_CA_FILE = env.text("SEARCH_CA_FILE")
SEARCH_TIMEOUT_MS = env.number("SEARCH_TIMEOUT_MS", 2000, minimum=50)
SEARCH_WRITE_TIMEOUT_SECONDS = env.number("SEARCH_WRITE_TIMEOUT_SECONDS", 60, minimum=1)

KB_DATA_DIR.mkdir(parents=True, exist_ok=True)
KB_MEDIA_ROOT.mkdir(parents=True, exist_ok=True)
