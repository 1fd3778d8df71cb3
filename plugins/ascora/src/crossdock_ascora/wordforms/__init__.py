"""Word templates of Ascora: which fields they ask for.

Two syntaxes exist (documented): real merge fields in document templates, and `{Code}` in custom forms,
where check-boxes carry their code as the tag of a content control and pictures as their alternative text.
"""

from crossdock_ascora.wordforms.codes import FormCode
from crossdock_ascora.wordforms.library import FormLibrary

__all__ = ["FormCode", "FormLibrary"]
