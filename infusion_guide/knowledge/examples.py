"""The examples: what patients say, read from `data/nlu/*.yml` with the label that each one asks for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from infusion_guide.knowledge.files import KnowledgeFileError, Node, parse_yaml

# The intents of reports of warning signs, and of mentions without an event: their blocks name sign and status.
REPORT, MENTION = "warning_sign", "no_warning_sign"


@dataclass(frozen=True)
class Example:
    """A sentence of a patient with what it asks for, and where it stands."""

    text: str
    intent: str
    label: str
    path: Path
    line: int
    sign: str = ""
    status: str = ""


def label_of(intent: str, metadata: Mapping[str, str]) -> str:
    """What an example asks for: an answer, `intent/subject`, a sign (with its status where it is a mere mention).

    What names none of these asks for its intent. A mention is labelled by its sign too: the encoder learns to tell
    despair from a crisis.
    """
    if "answer" in metadata:
        return metadata["answer"]
    if "subject" in metadata:
        return f"{intent}/{metadata['subject']}"
    if "sign" in metadata:
        return f"{intent}/{metadata['sign']}" + (f"/{metadata['status']}" if intent == MENTION else "")
    return intent


def read_examples(folder: Path) -> list[Example]:
    """All examples of the `*.yml` files of `folder`, in their order.

    Raises:
        KnowledgeFileError: a file is damaged, or a line is not an example.
    """
    examples: list[Example] = []
    for path in sorted(folder.glob("*.yml")):
        for block in Node(path, parse_yaml(path), 1).nodes("nlu"):
            if "intent" not in block.content:
                continue
            intent, lines = block.text("intent"), block.content.get("examples", "")
            metadata = block.content.get("metadata") or {}
            label = label_of(intent, metadata)
            first = block.line_of("examples") + 1
            for number, line in enumerate(str(lines).splitlines()):
                if not line.strip():
                    continue
                if not line.startswith("- ") or not line[2:].strip():
                    raise KnowledgeFileError(path, first + number, f"an example begins with '- ': {line!r}")
                sign, status = str(metadata.get("sign", "")), str(metadata.get("status", ""))
                examples.append(Example(line[2:].strip(), intent, label, path, first + number, sign, status))
    return examples
