"""The environment: what Rasa and TensorFlow read when they are imported."""

from __future__ import annotations

import logging
import os


def quiet_environment() -> None:
    """No telemetry, no chatter, nothing fetched; to be called before Rasa is imported."""
    for name, value in {
        "RASA_TELEMETRY_ENABLED": "false",
        "TF_CPP_MIN_LOG_LEVEL": "3",
        "SQLALCHEMY_SILENCE_UBER_WARNING": "1",
        "HF_HUB_OFFLINE": "1",
    }.items():
        os.environ.setdefault(name, value)
    # Notes of the pinned libraries to their own developers. Rasa resets filters on import, so they are caught instead.
    logging.captureWarnings(True)
    logging.getLogger("py.warnings").setLevel(logging.ERROR)
