"""Holds Sources to labelled parameters: of what a call reads, the third on are never without a name."""

import pathlib
import re

# Beyond these a call is a row of values that only the declaration explains.
UNLABELLED = 2

# A function, a subscript, an initializer (which begins its line, other than a call of one), or a case with values.
DECLARATION = re.compile(
    r"\b(?:func\s+[^\s(<]+\s*(?:<[^()]*>\s*)?|subscript\s*(?:<[^()]*>\s*)?)\("
    r"|^[ \t]*(?:@\w+\s+)*(?:(?:public|package|internal|fileprivate|private|convenience|required)\s+)*"
    r"init[?!]?\s*(?:<[^()]*>\s*)?\("
    r"|(?P<case>^[ \t]*(?:indirect\s+)?case\s+`?\w+`?\()", re.MULTILINE)
# Comments and text, whose brackets and commas count for nothing.
SILENT = re.compile(r'//[^\n]*|"""[\s\S]*?"""|"(?:\\.|[^"\\\n])*"')


def judge(files: list[pathlib.Path]) -> list[str]:
    """The complaints, one per declaration."""
    return [complaint for path in files if path.parts[0] == "Sources" and path.suffix == ".swift"
            for complaint in _judge_file(path)]


def _judge_file(path: pathlib.Path) -> list[str]:
    # The arrow of a function's type closes no bracket.
    code = SILENT.sub(lambda silent: re.sub(r"[^\n]", " ", silent[0]), path.read_text()).replace("->", "→")
    complaints = []
    for declaration in DECLARATION.finditer(code):
        parameters = _parameters(code, declaration.end())
        late = [text for place, text in enumerate(parameters) if place >= UNLABELLED and not _is_labelled(text, declaration)]
        if late:
            line = code.count("\n", 0, declaration.end()) + 1
            complaints.append(f"{path}:{line}: no label for {', '.join(late)}")
    return complaints


def _is_labelled(parameter: str, declaration: re.Match[str]) -> bool:
    if declaration["case"]:
        return re.match(r"`?\w+`?\s*:", parameter) is not None
    return re.match(r"(?:@\w+\s+)*_\s", parameter) is None


def _parameters(code: str, start: int) -> list[str]:
    """What is between commas, up to where the bracket that opens before `start` is closed."""
    depth, begun, found = 1, start, []
    for place in range(start, len(code)):
        character = code[place]
        depth += (character in "([{<") - (character in ")]}>")
        if not depth or (depth == 1 and character == ","):
            if text := " ".join(code[begun:place].split()):
                found.append(text)
            begun = place + 1
        if not depth:
            return found
    return found
