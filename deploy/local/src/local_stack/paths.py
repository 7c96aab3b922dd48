"""Where the checkout keeps what the stack needs: the package is installed editable, so it knows its place."""

from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[4]
LOCAL = REPOSITORY / "deploy" / "local"
BUILD = REPOSITORY / "build"
TOPICS_FILE = REPOSITORY / "deploy" / "topics.yaml"
