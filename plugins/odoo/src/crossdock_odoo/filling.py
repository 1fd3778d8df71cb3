"""What an encoded record still lacks: the ids behind its references, places, currencies.

Everything is looked up for a whole batch. What cannot be found is a reason to reject the record concerned.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from crossdock.model import Action, ObjectSchema, Outcome, Receipt, TargetRecord
from crossdock.values import Address
from crossdock_odoo.encoding import CURRENCY_TAKEN, PLACE_MOVED
from crossdock_odoo.fieldtypes import Encoded, Wanted
from crossdock_odoo.objects import INDIRECT, OWNED_BY
from crossdock_odoo.reading import Reader
from crossdock_odoo.tables import Currency


@dataclass(slots=True)
class Item:
    """A record with what is to be sent of it; `record_id`: the database id of one that is there."""

    record: TargetRecord
    encoded: Encoded
    record_id: int | None = None

    @property
    def creating(self) -> bool:
        """Whether the record is to be made."""
        return self.record.action is Action.CREATE

    @property
    def cells(self) -> dict[str, str]:
        """The cells by column."""
        return self.encoded.cells

    def reject(self, reason: str) -> None:
        """Add a reason why the record is not sent."""
        self.encoded.reasons.append(reason)

    def receipt(self, outcome: Outcome, *reasons: str) -> Receipt:
        """The receipt for the record."""
        record = self.record
        normalised = dict(self.encoded.normalised) if outcome is not Outcome.REJECTED else {}
        return Receipt(record.origin, outcome, record.target_id, reasons, normalised)


class Filler:
    """Fills in the cells of encoded records of one database."""

    def __init__(self, reader: Reader) -> None:
        self._reader, self._identity, self._tables = reader, reader.identity, reader.tables

    def fill(self, schema: ObjectSchema, items: Sequence[Item]) -> None:
        """Look everything up that the items want. Items get reasons for what is not there."""
        self._references(schema, items)
        for item in items:
            for name, address in item.encoded.places.items():
                self._place(item, name, address)
        self._money(schema, [item for item in items if item.encoded.money])

    def _references(self, schema: ObjectSchema, items: Sequence[Item]) -> None:
        wanted: dict[str, dict[str, None]] = {}
        for item in items:
            for want in item.encoded.wanted:
                wanted.setdefault(want.relation, {}).update(dict.fromkeys(want.ids))
        found = {
            model: self._identity.ids_of(model, ids, cached=True) for model, ids in wanted.items() if ids
        }
        owners = self._there(found, {w.relation for i in items for w in i.encoded.wanted if _is_owner(w)})
        behind = {"author": self._partners(found, items), "variant": self._variants(found, items)}
        for item in items:
            for want in item.encoded.wanted:
                self._put(schema, item, want, owners if _is_owner(want) else found, behind)

    def _there(self, found: Mapping[str, dict[str, int]], models: Iterable[str]) -> dict[str, dict[str, int]]:
        """The ids that exist: nothing at the server checks what an attachment or a message lies with."""
        there: dict[str, dict[str, int]] = {}
        for model in models:
            ids = found.get(model, {})
            existing = self._reader.existing(model, ids.values()) if ids else set()
            there[model] = {target: i for target, i in ids.items() if i in existing}
        return there

    def _partners(self, found: Mapping[str, dict[str, int]], items: Sequence[Item]) -> dict[int, int]:
        ids = {i for item in items for w in item.encoded.wanted if _kind(w) == "author" for i in w.ids}
        users = [found["res.users"][i] for i in ids if i in found.get("res.users", {})]
        return self._tables.partners_of(users) if users else {}

    def _variants(self, found: Mapping[str, dict[str, int]], items: Sequence[Item]) -> dict[int, int]:
        ids = {i for item in items for w in item.encoded.wanted if _kind(w) == "variant" for i in w.ids}
        known = found.get("product.template", {})
        templates = [known[i] for i in ids if i in known]
        return self._tables.variants_of(templates) if templates else {}

    def _put(
        self,
        schema: ObjectSchema,
        item: Item,
        want: Wanted,
        found: Mapping[str, Mapping[str, int]],
        behind: Mapping[str, Mapping[int, int]],
    ) -> None:
        known = found.get(want.relation, {})
        missing = [i for i in want.ids if i not in known]
        if missing:
            item.reject(f"{want.field.name}: {want.relation} {', '.join(missing)} is not there")
            return
        ids: list[int] = [known[i] for i in want.ids]
        if _kind(want) in INDIRECT:
            ids = [held for i in ids if (held := behind[_kind(want)].get(i))]
            if len(ids) < len(want.ids):
                item.reject(f"{want.field.name}: {_LACKING[_kind(want)]}")
        if not _is_owner(want):
            item.cells[want.column] = ",".join(map(str, ids))
        elif ids:
            item.cells.update(self._owner_cells(schema.name, want.relation, ids[0]))

    def _owner_cells(self, model: str, owner: str, owner_id: int) -> dict[str, str]:
        column = OWNED_BY[model]
        if column.endswith("_id"):
            return {f"{column}/.id": str(self._tables.model_id(owner)), "res_id": str(owner_id)}
        return {column: owner, "res_id": str(owner_id)}

    def _place(self, item: Item, name: str, address: Address) -> None:
        """Country and state by their ids; what Odoo does not know goes into the second line of the street."""
        country = self._tables.country_id(address.country) if address.country else None
        state = self._tables.state_id(address.state, country) if address.state else None
        unknown = [
            text
            for text, found in ((address.state, state), (address.country, country))
            if text and found is None
        ]
        if unknown:
            item.encoded.note(name, PLACE_MOVED)
            item.cells["street2"] = ", ".join(filter(None, [item.cells["street2"], *unknown]))
        item.cells["country_id/.id"] = str(country or "")
        item.cells["state_id/.id"] = str(state or "")

    def _money(self, schema: ObjectSchema, items: Sequence[Item]) -> None:
        held = self._held_currencies(schema, items)
        for item in items:
            for name, money in item.encoded.money.items():
                field = schema.field(name)
                column = str(field.settings["currency_field"]) if field else ""
                given = self._given(schema, item, column, money.currency)
                currency = given or held.get((item.record_id or 0, column)) or self._company_currency(item)
                if not money.currency:
                    item.encoded.note(name, CURRENCY_TAKEN)
                elif money.amount and self._tables.currency(money.currency) is None:
                    item.reject(f"{name}: {money.currency} is no currency that Odoo knows")
                elif money.currency != currency.code and money.amount:
                    item.reject(
                        f"{name}: the amount is in {money.currency}, Odoo keeps it in {currency.code}"
                    )
                if money.amount != round(money.amount, currency.decimals):
                    item.reject(
                        f"{name}: {money.amount} has more than the {currency.decimals} decimal places that"
                        f" Odoo keeps of {currency.code}"
                    )

    def _given(self, schema: ObjectSchema, item: Item, column: str, code: str) -> Currency | None:
        """The currency that the record brings along: as a field of its own, or by its amounts."""
        field, cell = schema.field(column), f"{column}/.id"
        if field is None or field.read_only:
            return None
        if cell in item.cells:
            return self._tables.currencies.get(int(item.cells[cell] or 0))
        found = self._tables.currency(code) if code else None
        if found is not None:
            item.cells[cell] = str(found.id)
        return found

    def _held_currencies(
        self, schema: ObjectSchema, items: Sequence[Item]
    ) -> dict[tuple[int, str], Currency]:
        """By database id and column, the currency of records that are there."""
        ids = [item.record_id for item in items if item.record_id is not None]
        columns = {str(f.settings["currency_field"]) for f in schema.fields if "currency_field" in f.settings}
        if not ids or not columns:
            return {}
        rows: list[dict[str, Any]] = self._reader.client.read(schema.name, ids, sorted(columns))
        known = self._tables.currencies
        return {(row["id"], c): known[row[c]] for row in rows for c in columns if row[c]}

    def _company_currency(self, item: Item) -> Currency:
        company = item.cells.get("company_id/.id")
        return self._tables.company_currency(int(company) if company else None)


_LACKING = {"author": "the user has no partner", "variant": "the product has no variant, or several"}


def _kind(want: Wanted) -> str:
    return str(want.field.settings["odoo_type"])


def _is_owner(want: Wanted) -> bool:
    return _kind(want) == "owner"
