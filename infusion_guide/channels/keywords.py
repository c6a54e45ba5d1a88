"""Keywords: what a whole text message may be besides a question: STOP, START, HELP, MORE, or a choice."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from infusion_guide.text.folding import folded

STOP, START, HELP, MORE = "stop", "start", "help", "more"
# The words that carriers know, by what they mean.
_WORDS = {
    **dict.fromkeys(("stop", "stopall", "unsubscribe", "cancel", "end", "quit", "revoke", "optout"), STOP),
    **dict.fromkeys(("start", "unstop"), START),
    **dict.fromkeys(("help", "info"), HELP),
    "more": MORE,
}

_POLITE = r"(?:please|pls|plz|ok|okay|hey|hi|hello|just|now|thanks|thank you|thx|sorry|no)"
_BEFORE = rf"(?:{_POLITE} )*(?:(?:can|could|would|will) (?:you|u|we) )?(?:{_POLITE} )*"
_AFTER = (
    rf"(?: (?:{_POLITE}|me|us|anymore|any more|again|ever|at all|at once|immediately|from you|from now on|to me"
    r"|to (?:my|this) (?:phone|number|cell)|(?:my|this) (?:phone|number|cell)))*"
)
_WHICH = r"(?: (?:the|these|those|this|your|all|all of|any|any more|more|me|us|my|automated|such))*"
_TEXTS = r"(?: text)?(?: (?:texts?|messages?|msgs?|sms|messaging|texting|txts?|notifications?))"
_TEXTING = r"(?:text|texting|txt|message|messaging|msg|contact|contacting|sms)"
# Reasonable wordings of an opt-out beside the carriers' words; a whole message must be one. "cancel" and "end" need to
# say what: the visit and the life are no text messages.
_OPT_OUT = [
    rf"{_BEFORE}(?:stop|stop all|unsubscribe|opt out|opt me out|unsubscribe me){_AFTER}",
    rf"{_BEFORE}i (?:want|wish|would like|d like|need) (?:you )?to "
    r"(?:(?:unsubscribe|opt out)|(?:stop|unsubscribe|opt out)(?: (?:of|from|getting|receiving|sending))?"
    rf"{_WHICH}{_TEXTS}){_AFTER}",
    rf"{_BEFORE}(?:stop|quit|end|cancel|cease|unsubscribe(?: me)?(?: from)?|opt(?: me)? out (?:of|from))"
    rf"(?: (?:with|sending|getting))?{_WHICH}{_TEXTS}{_AFTER}",
    rf"{_BEFORE}(?:stop|quit|cease) {_TEXTING}{_AFTER}",
    rf"{_BEFORE}(?:dont|do not|never|you can stop|i dont want you to|i do not want you to) (?:ever )?"
    rf"(?:{_TEXTING}|send(?:ing)?{_WHICH}{_TEXTS}){_AFTER}",
    rf"{_BEFORE}(?:no more|no){_TEXTS}{_AFTER}",
    rf"{_BEFORE}i (?:dont|do not|no longer) want(?: to (?:get|receive|have))?{_WHICH}{_TEXTS}{_AFTER}",
    rf"{_BEFORE}(?:take|remove|delete)(?: me| my number| this number)(?: (?:off|from|out of){_WHICH}"
    rf"(?: (?:list|texts?|messages?|phone list|text list|contacts)))?{_AFTER}",
]
_OPT_OUT_PATTERN = re.compile("|".join(f"(?:{pattern})" for pattern in _OPT_OUT))

# How a person names a choice by its place: "2", "#2", "option two", "reply 2", "the second one".
_PLACES = [("one", "first"), ("two", "second"), ("three", "third")]
_PLACE_WORDS = {
    **{word: place for place, words in enumerate(_PLACES, start=1) for word in words},
    **{f"{place}{ending}": place for place, ending in ((1, "st"), (2, "nd"), (3, "rd"))},
}
_CHOICE = re.compile(
    r"(?:reply|option|number|no|nr|choice|the)? ?(?P<digit>[1-9])"
    r"|(?:reply |option |number |choice |the )?(?P<word>" + "|".join(_PLACE_WORDS) + r")(?: (?:one|option|choice))?"
)


@dataclass(frozen=True)
class Keyword:
    """A keyword that a message is. `bare` says that it is nothing but one of the carriers' words."""

    name: str
    bare: bool


def _plain(text: str) -> str:
    """Words in lower case, apostrophes gone, everything else that is neither letter nor digit a space."""
    return " ".join(re.findall(r"[^\W_]+", re.sub(r"(?<=\w)['’](?=\w)", "", folded(text))))


def keyword(text: str) -> Keyword | None:
    """The keyword that the whole of `text` is, any case, punctuation ignored; None for everything else."""
    plain = _plain(text)
    name = _WORDS.get(plain.replace(" ", ""))
    if name is not None:
        return Keyword(name, bare=True)
    return Keyword(STOP, bare=False) if _OPT_OUT_PATTERN.fullmatch(plain) else None


def chosen(text: str, titles: Sequence[str]) -> int | None:
    """The place (from 1) of the choice that `text` names by a digit, by its place in words, or by its title.

    A digit beyond the list is given back as it is; with no list nothing is a choice.
    """
    plain = _plain(text)
    if not titles or not plain:
        return None
    for place, title in enumerate(titles, start=1):
        if plain == _plain(title):
            return place
    found = _CHOICE.fullmatch(plain)
    if found is None:
        return None
    if found.group("digit"):
        return int(found.group("digit"))
    return _PLACE_WORDS[found.group("word")]
