"""The section `propose:` of the project file: what a proposal may use besides the two catalogs.

propose:
  llm: {url: http://127.0.0.1:11434/v1, model: NAME, key: env:NAME, samples: false}
  memory: ~/crossdock-memory      # a folder; confirmed pairs of fields, never data of a record
"""

from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from crossdock.secrets import FORMS, is_reference


class LanguageModelConfig(BaseModel):
    """A language model behind an address that speaks the chat completions of OpenAI.

    url: the part before `/chat/completions`. key: a secret reference; none for a model that needs none.
    samples: whether values of records are sent along; only names, labels, types and options are otherwise.
    timeout: seconds that an answer may take.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    url: Annotated[str, Field(min_length=1)]
    model: Annotated[str, Field(min_length=1)]
    key: str | None = None
    samples: bool = False
    timeout: Annotated[float, Field(gt=0, le=600)] = 30.0

    @model_validator(mode="after")
    def _key_by_reference(self) -> Self:
        if self.key is not None and not is_reference(self.key):
            raise ValueError(f"key holds the secret itself; write {FORMS}")
        return self


class ProposeConfig(BaseModel):
    """What a proposal may use. memory: a folder or file where confirmed pairs are kept for later projects."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    llm: LanguageModelConfig | None = None
    memory: str | None = None
