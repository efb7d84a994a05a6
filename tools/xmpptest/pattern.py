# SPDX-License-Identifier: Apache-2.0
# Compares what was heard with what was expected. In attribute values and text:
#   {any} something, {number} digits, {none} the attribute is absent, {name} the value known under this name, or
#   whatever is there, which is known under this name from then on.
# Attributes and children that the pattern does not mention may be there. Text that it mentions is the whole text.
import re

PLACE = re.compile(r"\{([a-z][\w./-]*)\}")


class Mismatch(Exception):
    pass


def substitute(text, known):
    """Puts known values in; an unknown name stays as it is (it may be XML or JSON)."""
    return PLACE.sub(lambda place: known.get(place[1], place[0]), text)


def _match_text(pattern, value, known, what):
    expression, at = "", 0
    for place in PLACE.finditer(pattern):
        name = place[1]
        expression += re.escape(pattern[at:place.start()])
        at = place.end()
        if name == "any":
            expression += ".+"
        elif name == "number":
            expression += r"\d+"
        elif name in known:
            expression += re.escape(known[name])
        elif name.isidentifier():
            expression += f"(?P<{name}>.+)"
        else:
            raise Mismatch(f"nobody is known as {{{name}}}")
    expression += re.escape(pattern[at:])
    found = re.fullmatch(expression, value, re.DOTALL)
    if not found:
        raise Mismatch(f"{what} is {value!r}, not {substitute(pattern, known)!r}")
    known.update(found.groupdict())


def _match(pattern, element, known):
    if pattern.name != element.name:
        raise Mismatch(f"it is <{element.local} xmlns='{element.namespace}'>, "
                       f"not <{pattern.local} xmlns='{pattern.namespace}'>")
    for name, value in pattern.attributes.items():
        actual = element.attributes.get(name)
        if value == "{none}":
            if actual is not None:
                raise Mismatch(f"<{element.local}> has {name}={actual!r}")
        elif actual is None:
            raise Mismatch(f"<{element.local}> has no {name}")
        else:
            _match_text(value, actual, known, f"{name} of <{element.local}>")
    if pattern.text.strip():
        _match_text(pattern.text, element.text, known, f"the text of <{element.local}>")
    left = list(element.children)
    for wanted in pattern.children:
        known_before, problem = dict(known), None
        for index, child in enumerate(left):
            try:
                _match(wanted, child, known)
                del left[index]
                break
            except Mismatch as mismatch:
                known.clear()
                known.update(known_before)
                if child.name == wanted.name:
                    problem = mismatch
        else:
            raise problem or Mismatch(f"<{element.local}> has no {wanted.show(element.namespace)}")


def match(pattern, element, known):
    """Raises Mismatch; on success `known` has learned the captured values."""
    learned = dict(known)
    _match(pattern, element, learned)
    known.update(learned)


def has(pattern, element, known):
    try:
        match(pattern, element, dict(known))
        return True
    except Mismatch:
        return False
