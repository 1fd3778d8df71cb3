"""Target ids and database ids, translated both ways.

A record that a load made has a row in `ir.model.data`: module `__crossdock__`, name the target id (a UUID).
It is known by that everywhere outside this plugin. Any other record is known by its database id as decimal
text. Users and products have a second row for their partner or template (`UUID_res_partner`), written by the
server itself; it names nothing here.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, TypeVar

from crossdock.errors import ConfigError
from crossdock_odoo.answers import RightsError
from crossdock_odoo.client import OdooClient
from crossdock_odoo.objects import is_loadable

MODULE = "__crossdock__"

_Item = TypeVar("_Item")
_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_DECIMAL = re.compile(r"[1-9][0-9]{0,9}")
_MANY = 1000
_INT4 = 2**31
_REMEMBERED = 200_000  # records; some 100 MB


class Identity:
    """The ids of the records of one database. References use a cache, lookups of records do not."""

    def __init__(self, client: OdooClient) -> None:
        self._client = client
        self._ids: dict[tuple[str, str], int] = {}
        self._names: dict[tuple[str, int], str] = {}

    def ids_of(self, model: str, target_ids: Iterable[str], *, cached: bool = False) -> dict[str, int]:
        """Database ids by target id; a UUID without a row and what is no id at all are left out.

        A database id is not looked up: whether it exists is the caller's question. Raises ConfigError
        if the key may not read external ids.
        """
        wanted = list(dict.fromkeys(target_ids))
        found = {text: int(text) for text in wanted if _DECIMAL.fullmatch(text) and int(text) < _INT4}
        uuids = [text for text in wanted if _UUID.fullmatch(text)]
        if cached:
            found |= {text: self._ids[model, text] for text in uuids if (model, text) in self._ids}
        for chunk in chunks([text for text in uuids if text not in found], _MANY):
            domain = [["module", "=", MODULE], ["name", "in", chunk], ["model", "=", model]]
            for row in self._rows(domain):
                self.learn(model, row["name"], row["res_id"])
                found[row["name"]] = row["res_id"]
        return found

    def names_of(self, model: str, ids: Iterable[int]) -> dict[int, str]:
        """Target ids by database id, for every id that is given."""
        return self.names_of_all({model: ids})[model]

    def names_of_all(self, wanted: Mapping[str, Iterable[int]]) -> dict[str, dict[int, str]]:
        """Target ids by model and database id: as `names_of`, for several models at once."""
        pairs = [(model, i) for model, ids in wanted.items() for i in dict.fromkeys(ids)]
        found = {pair: self._names[pair] for pair in pairs if pair in self._names}
        # No record of a model that cannot be loaded ever gets a row.
        found |= self._looked_up([p for p in pairs if p not in found and is_loadable(p[0])])
        named: dict[str, dict[int, str]] = {model: {} for model in wanted}
        for model, i in pairs:
            named[model][i] = found.get((model, i), str(i))
        return named

    def learn(self, model: str, target_id: str, record_id: int) -> None:
        """Remember a record that was just made or found."""
        self._remember((model, record_id), target_id)
        self._ids[model, target_id] = record_id
        if len(self._ids) > _REMEMBERED:
            del self._ids[next(iter(self._ids))]

    def forget(self) -> None:
        """Forget what was found: records were removed, or made again."""
        self._ids.clear()
        self._names.clear()

    def _remember(self, pair: tuple[str, int], target_id: str) -> None:
        """Keep a name; of too many the oldest is forgotten, and looked up again when it is wanted."""
        self._names[pair] = target_id
        if len(self._names) > _REMEMBERED:
            del self._names[next(iter(self._names))]

    def _looked_up(self, pairs: Sequence[tuple[str, int]]) -> dict[tuple[str, int], str]:
        found: dict[tuple[str, int], str] = {}
        for chunk in chunks(pairs, _MANY):
            by_model: dict[str, list[int]] = {}
            for model, i in chunk:
                by_model.setdefault(model, []).append(i)
            either = [["&", ["model", "=", m], ["res_id", "in", ids]] for m, ids in by_model.items()]
            domain = [
                ["module", "=", MODULE],
                *["|"] * (len(either) - 1),
                *(t for part in either for t in part),
            ]
            for row in self._rows(domain):
                if _UUID.fullmatch(row["name"]):
                    self.learn(row["model"], row["name"], row["res_id"])
                    found[row["model"], row["res_id"]] = row["name"]
        # What has no row now gets none later: only a load writes one, with the record itself.
        for pair in pairs:
            if pair not in found:
                found[pair] = str(pair[1])
                self._remember(pair, found[pair])
        return found

    def _rows(self, domain: Sequence[Any]) -> list[dict[str, Any]]:
        try:
            return self._client.search_read("ir.model.data", domain, ["name", "model", "res_id"])
        except RightsError as error:
            raise ConfigError(
                "the key may not read external ids (ir.model.data), by which records are known.",
                hint="Give its user the right Administration / Access Rights for the migration.",
            ) from error


def external_name(target_id: str) -> str:
    """The complete external id of a record with that target id, as `load` wants it."""
    return f"{MODULE}.{target_id}"


def is_uuid(text: str) -> bool:
    """Whether a target id is that of a record that a load made."""
    return _UUID.fullmatch(text) is not None


def chunks(items: Sequence[_Item], size: int) -> Iterator[list[_Item]]:
    """The items in lists of at most `size`."""
    for start in range(0, len(items), size):
        yield list(items[start : start + size])
