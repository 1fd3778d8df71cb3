"""Small tables of a database, read once: currencies, countries, states, companies, and who is who."""

import functools
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from crossdock_odoo.client import OdooClient
from crossdock_odoo.identity import chunks

_MANY = 1000


@dataclass(frozen=True, slots=True)
class Currency:
    """One currency: its database id, ISO 4217 code, decimal places, and whether it is in use."""

    id: int
    code: str
    decimals: int
    active: bool


class Tables:
    """Looks these tables up; `refresh` forgets them."""

    def __init__(self, client: OdooClient) -> None:
        self._client = client
        self._references: dict[str, int] = {}
        self._models: dict[str, int] = {}

    def refresh(self) -> None:
        """Forget what was read."""
        for name in ("currencies", "countries", "states", "_companies", "_country_ids", "_state_ids"):
            self.__dict__.pop(name, None)
        self._references.clear()
        self._models.clear()

    @functools.cached_property
    def currencies(self) -> Mapping[int, Currency]:
        """All currencies by database id, unused ones too."""
        rows = self._client.search_read("res.currency", [], ["name", "decimal_places", "active"])
        return {r["id"]: Currency(r["id"], r["name"], r["decimal_places"], r["active"]) for r in rows}

    def currency(self, code: str) -> Currency | None:
        """The currency with that code, None if Odoo does not know it."""
        return next((c for c in self.currencies.values() if c.code == code), None)

    def company_currency(self, company_id: int | None) -> Currency:
        """The currency of a company, of the key's own one for None."""
        return self.currencies[self._companies[company_id or self.own_company]]

    @functools.cached_property
    def own_company(self) -> int:
        """The database id of the company in which the key's user works."""
        (user,) = self._client.read("res.users", [self._client.user_id], ["company_id"])
        return int(user["company_id"])

    @functools.cached_property
    def countries(self) -> Mapping[int, str]:
        """English names of the countries by database id."""
        return {i: name for i, (name, _) in self._countries.items()}

    @functools.cached_property
    def states(self) -> Mapping[int, str]:
        """Names of the states of all countries by database id."""
        return {row[0]: row[1] for row in self._states}

    def country_id(self, text: str) -> int | None:
        """The country of that name in any language, or of that ISO code; None if there is none."""
        folded = _folded(text)
        found = self._country_ids.get(folded)
        if found is None:
            code = _codes().get(folded)
            found = self._country_ids.get(code.casefold()) if code else None
        return found

    def state_id(self, text: str, country_id: int | None) -> int | None:
        """The state of that name or code in the country; None if there is none, or no country."""
        return self._state_ids.get((country_id or 0, _folded(text)))

    def reference(self, external_id: str) -> int:
        """The database id of a record that a module brought along (`base.group_user`)."""
        if external_id not in self._references:
            module, _, name = external_id.partition(".")
            found = self._client.call(
                "ir.model.data", "check_object_reference", safe=True, module=module, xml_id=name
            )
            self._references[external_id] = int(found[1])
        return self._references[external_id]

    def model_id(self, model: str) -> int:
        """The database id of a model's own record."""
        if model not in self._models:
            (self._models[model],) = self._client.search("ir.model", [["model", "=", model]])
        return self._models[model]

    def partners_of(self, users: Iterable[int]) -> dict[int, int]:
        """The partner of each user, by the user's id; users that are gone are left out."""
        ids, found = list(dict.fromkeys(users)), {}
        for chunk in chunks(ids, _MANY):
            rows = self._client.search_read("res.users", [["id", "in", chunk]], ["partner_id"])
            found.update({row["id"]: row["partner_id"][0] for row in rows if row["partner_id"]})
        return found

    def users_of(self, partners: Iterable[int]) -> dict[int, int]:
        """The user of each partner that has one, by the partner's id."""
        ids, found = list(dict.fromkeys(partners)), {}
        for chunk in chunks(ids, _MANY):
            rows = self._client.search_read("res.users", [["partner_id", "in", chunk]], ["partner_id"])
            found.update({row["partner_id"][0]: row["id"] for row in rows})
        return found

    def variants_of(self, templates: Iterable[int]) -> dict[int, int]:
        """The variant of each product that has one alone, by the product's id."""
        ids, found = list(dict.fromkeys(templates)), {}
        for chunk in chunks(ids, _MANY):
            held = ["product_variant_id", "product_variant_count"]
            for row in self._client.search_read("product.template", [["id", "in", chunk]], held):
                if row["product_variant_count"] == 1 and row["product_variant_id"]:
                    found[row["id"]] = row["product_variant_id"][0]
        return found

    def templates_of(self, variants: Iterable[int]) -> dict[int, int]:
        """The product that each variant is of, by the variant's id."""
        ids, found = list(dict.fromkeys(variants)), {}
        for chunk in chunks(ids, _MANY):
            rows = self._client.search_read("product.product", [["id", "in", chunk]], ["product_tmpl_id"])
            found.update({row["id"]: row["product_tmpl_id"][0] for row in rows})
        return found

    @functools.cached_property
    def _companies(self) -> Mapping[int, int]:
        rows = self._client.search_read("res.company", [], ["currency_id"])
        return {row["id"]: row["currency_id"][0] for row in rows}

    @functools.cached_property
    def _countries(self) -> Mapping[int, tuple[str, str]]:
        rows = self._client.search_read("res.country", [], ["name", "code"])
        return {row["id"]: (row["name"], row["code"] or "") for row in rows}

    @functools.cached_property
    def _country_ids(self) -> Mapping[str, int]:
        names = {_folded(name): i for i, (name, _) in self._countries.items()}
        return names | {code.casefold(): i for i, (_, code) in self._countries.items() if code}

    @functools.cached_property
    def _states(self) -> tuple[tuple[int, str, str, int], ...]:
        rows = self._client.search_read("res.country.state", [], ["name", "code", "country_id"])
        return tuple((r["id"], r["name"], r["code"] or "", r["country_id"][0]) for r in rows)

    @functools.cached_property
    def _state_ids(self) -> Mapping[tuple[int, str], int]:
        codes = {(country, code.casefold()): i for i, _, code, country in self._states}
        return codes | {(country, _folded(name)): i for i, name, _, country in self._states}


def country_code(text: str) -> str | None:
    """The ISO code of the country of that name, in any language, or of that code; None if nobody knows it."""
    folded = _folded(text)
    known = _codes()
    return folded.upper() if folded.upper() in known.values() else known.get(folded)


@functools.cache
def _codes() -> Mapping[str, str]:
    """ISO code of each country by its names in the languages that are known; ambiguous names are left out."""
    from phonenumbers.geodata.locale import LOCALE_DATA  # a large table, needed for few migrations

    found: dict[str, set[str]] = {}
    for code, names in LOCALE_DATA.items():
        for name in names.values():
            if not name.startswith("*"):  # a reference to another language's name
                found.setdefault(_folded(name), set()).add(code)
    return {name: next(iter(codes)) for name, codes in found.items() if len(codes) == 1}


def _folded(text: str) -> str:
    return " ".join(text.casefold().split())
