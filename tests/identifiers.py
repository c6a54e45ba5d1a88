"""A conversation full of what identifies a person, and what of it must be found nowhere afterwards."""

MESSAGES = (
    "Hi, I'm Marigolda Quillfeather and my mom Agatha gets IVIG, how long does it take?",
    "my name is marigolda quillfeather, dob 3/17/1961, is rituximab safe to drive after",
    "call me at (212) 555-0187 or write to marigolda.quill@example.org about premeds",
    "MRN 0048213377, record number QF-99213, what is benadryl for",
    "my social is 123-45-6789 and I live at 42 Wisteria Lane, Tarrytown",
    "this is Dr. Bartholomew Patel's patient quillfeather, xyzzy plugh blorpt",
    "my throat is closing, tell my husband Reginald on 555-867-5309",
    "/restart quillfeather",
    "Quillfeather " * 200,
    "thanks, yours Marigolda Quillfeather",
)
SECRETS = (
    *("quillfeather", "agatha", "marigolda", "reginald", "bartholomew", "patel", "wisteria", "tarrytown"),
    *("17/1961", "555-0187", "0048213377", "qf-99213", "123-45-6789", "867-5309", "@example.org"),
    *("xyzzy", "plugh", "blorpt"),
)


def found_in(content: bytes) -> list[str]:
    """The secrets that `content` holds, in any case, as UTF-8 or as JSON writes it."""
    text = content.decode("utf-8", "replace").lower()
    return [secret for secret in SECRETS if secret in text]
