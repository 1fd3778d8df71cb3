"""Names that GraphQL uses for an object.

The server runs object names through lodash's camelCase, which takes digits for words of their own:
object `site4b` is type `Site4B` (measured on 2.21.0). Field names and REST paths stay as they are.
"""

import re

_WORDS = re.compile(r"[A-Z]+(?=[A-Z][a-z])|[A-Z]?[a-z]+|[A-Z]+|\d+")


def type_name(name: str) -> str:
    """`company` -> `Company`; also the second half of `createCompany` and `createCompanies`."""
    return "".join(word.capitalize() for word in _WORDS.findall(name))


def resolver_name(plural: str) -> str:
    """The query that lists an object: `companies`."""
    name = type_name(plural)
    return name[:1].lower() + name[1:]
