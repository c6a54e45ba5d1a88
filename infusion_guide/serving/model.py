"""The model: trains it when what it is made of has changed, and finds the trained one."""

from __future__ import annotations

import hashlib
import json
import time
from dataclasses import asdict, dataclass
from pathlib import Path

import infusion_guide.nlu
import infusion_guide.text
from infusion_guide.safety import classifier

# What a model is made of. `rasa train` keeps its own cache below this: of a changed model only what changed is trained.
_PARTS = ("config.yml", "domain.yml", "data")


class ModelMissingError(RuntimeError):
    """No model has been trained, or the one there is older than the data."""


def fingerprint(root: Path) -> str:
    """A digest of everything that a model depends on: configuration, domain, data, and our components' code."""
    paths = [root / part for part in _PARTS]
    files = [path for part in paths for path in ([part] if part.is_file() else sorted(part.rglob("*.yml")))]
    for package in (infusion_guide.nlu, infusion_guide.text):
        files += sorted(Path(package.__path__[0]).glob("*.py"))
    # The rules for warning signs are read at the start, not trained; only the learned part is in the model.
    files.append(Path(str(classifier.__file__)))
    digest = hashlib.sha256()
    for path in files:
        digest.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()[:16]


def model_path(root: Path) -> Path:
    """Where the model of the present data lies, or would lie."""
    return root / "models" / f"guide-{fingerprint(root)}.tar.gz"


def trained_model(root: Path) -> Path:
    """The model of the present data.

    Raises:
        ModelMissingError: it has not been trained.
    """
    path = model_path(root)
    if not path.exists():
        raise ModelMissingError("there is no model for the present data: run `infusion-guide train`")
    return path


@dataclass(frozen=True)
class TrainingRecord:
    """How long a model's training took; `anew` tells that nothing of an earlier one was taken over."""

    seconds: float
    anew: bool


def _record_path(model: Path) -> Path:
    return model.with_name(model.name[: -len(".tar.gz")] + ".training.json")


def training_record(model: Path) -> TrainingRecord | None:
    """What was noted when the model was trained; None where nothing was."""
    path = _record_path(model)
    return TrainingRecord(**json.loads(path.read_text(encoding="utf-8"))) if path.exists() else None


def train(root: Path, force: bool = False) -> tuple[Path, bool]:
    """Train the model of the present data unless it is there; returns its path and whether it was trained.

    Raises:
        ModelMissingError: the training failed; Rasa has said why.
    """
    path = model_path(root)
    if path.exists() and not force:
        return path, False
    import rasa.model_training

    from infusion_guide.serving.quick_merging import quick_merging

    # Rasa's cache of trained components (`rasa.engine.caching`).
    anew, started = force or not (root / ".rasa" / "cache").exists(), time.monotonic()
    with quick_merging():
        result = rasa.model_training.train(
            domain=str(root / "domain.yml"),
            config=str(root / "config.yml"),
            training_files=[str(root / "data")],
            output=str(path.parent),
            fixed_model_name=path.name[: -len(".tar.gz")],
            force_training=force,
        )
    if result.code != 0 or not path.exists():
        raise ModelMissingError("training failed")
    record = TrainingRecord(round(time.monotonic() - started, 1), anew)
    _record_path(path).write_text(json.dumps(asdict(record)) + "\n", encoding="utf-8")
    for old in sorted(path.parent.glob("guide-*.tar.gz"), key=lambda file: file.stat().st_mtime)[:-3]:
        old.unlink()
        _record_path(old).unlink(missing_ok=True)
    return path, True
