"""Text from elsewhere, made safe for a terminal: a service's summary must not move the cursor or change colours."""


def plain(text: str, *, lines: bool = False) -> str:
    """`text` with everything that is not printable escaped; line breaks are kept where `lines` says so."""
    return "".join(
        character if character.isprintable() or (lines and character == "\n") else _escaped(character)
        for character in text
    )


def _escaped(character: str) -> str:
    return character.encode("unicode_escape").decode("ascii")
