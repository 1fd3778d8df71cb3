"""A file for support: what happened and how records look, without anything that a record says.

Made of what the project folder holds, without asking a platform. Every value has a stand-in
(`crossdock.privacy.pseudonyms`), every sentence is scrubbed, hosts, keys and secrets are not in it; at last
all of it is searched for what the staged records say.
"""

import zipfile
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from functools import cached_property
from itertools import islice
from pathlib import Path
from typing import Any, Final

import orjson

from crossdock.catalogfile import catalog_names, kept_catalog
from crossdock.documents.filing import without_secrets
from crossdock.ledger import Run
from crossdock.migration import Migration
from crossdock.model import Catalog
from crossdock.privacy.leaks import Search
from crossdock.privacy.phrases import phrases
from crossdock.privacy.pseudonyms import Pseudonyms
from crossdock.privacy.reporting import log_lines, run_report
from crossdock.privacy.scrubbing import Scrubber
from crossdock.privacy.settings import mapping_shape, project_shape, versions
from crossdock.queues import read_queues
from crossdock.serial import dump_value
from crossdock.wholefile import whole_file

_RUNS: Final = 20
_SEEN: Final = 1000  # records of an object that its shape is taken from
_ABOUT: Final = """\
What is in this file, to be looked at before it is sent
=======================================================

Values of records, ids, names of people, hosts and tenants are stand-ins, made with a random key that was
thrown away: the same value has the same one in all parts, nobody can turn it back. Words kept their script
and about their length, numbers their digits' places, phones their country; all times of records were moved
by one number of days. Names of objects and fields, and the choices of select fields, are as they are. In
sentences only the program's own words are left. Secrets and settings of connections are not in it.

"""


class Bundle:
    """What is put together for one project, and how it is made fit to be sent."""

    def __init__(self, migration: Migration, key: bytes | None = None) -> None:
        self._migration = migration
        self.pseudonyms = Pseudonyms(key)
        self._mapping = mapping_shape(migration.project, self.pseudonyms)
        names = migration.ledger.purges.names() | catalog_names(migration.project.state) | self._mapping.names
        names |= {name for _, name in migration.staging.objects()}
        self.scrub = Scrubber(phrases(), names, self._stand_in, self.pseudonyms.key)

    def _stand_in(self, text: str) -> str:
        return self.pseudonyms.text(text)

    def parts(self, sample: int) -> dict[str, Any]:
        """The parts by name, as data; a list becomes a file of lines."""
        migration, runs = self._migration, self._migration.ledger.runs.all()
        parts: dict[str, Any] = {
            "versions.json": versions(migration.project),
            "project.json": project_shape(migration.project, self.pseudonyms),
            "mapping.json": self._mapping.data,
            "destination.json": self._destination(),
            "source.json": self._source(),
            "queues.json": self._queues(),
        }
        for run in runs[-_RUNS:]:
            parts[f"runs/{run.kind}-{run.id}.json"] = self._report(run)
        parts["log.jsonl"] = log_lines(migration.project.state / "crossdock.log", self.scrub, self.pseudonyms)
        parts["sample.jsonl"] = list(islice(self._sample(), sample))
        return self._searched(without_secrets(parts))

    def _searched(self, parts: dict[str, Any]) -> dict[str, Any]:
        search = Search(parts)
        for tenant, name in self._migration.staging.objects():
            for page in self._migration.staging.scan(tenant, name, size=1000):
                for staged in page:
                    search.see(staged.record.values)
        found: dict[str, Any] = search.without(parts)
        return found

    def _report(self, run: Run) -> dict[str, Any]:
        kept = {o.name: _choices(o) for o in (self._catalog.objects if self._catalog else ())}
        return run_report(self._migration, run, self.scrub, self.pseudonyms, kept)

    @cached_property
    def _catalog(self) -> Catalog | None:
        return kept_catalog(self._migration.catalog_file)

    def _destination(self) -> dict[str, Any]:
        """The destination's schema, as it was when it was last looked at."""
        if self._catalog is None:
            return {}
        keys = (
            "name",
            "label",
            "required",
            "unique",
            "read_only",
            "multiple",
            "custom",
            "filled",
            "max_length",
        )
        return {
            "platform": self._catalog.platform,
            "version": self._catalog.version,
            "objects": [
                {
                    "name": schema.name,
                    "custom": schema.custom,
                    "fields": [
                        {key: getattr(field, key) for key in keys}
                        | {"type": field.type.value, "references": list(field.references)}
                        | {"options": [option.value for option in field.options]}
                        for field in schema.fields
                    ],
                }
                for schema in self._catalog.objects
            ],
        }

    def _source(self) -> list[dict[str, Any]]:
        """How staged records look: by field the types of its values, and how many are filled."""
        staging, found = self._migration.staging, []
        for tenant, name in staging.objects():
            fields: dict[str, dict[str, Any]] = {}
            records = [s.record for s in next(staging.scan(tenant, name, size=_SEEN), [])]
            for record in records:
                for field, value in record.values.items():
                    seen = fields.setdefault(field, {"types": set(), "filled": 0, "longest": 0})
                    if value is not None:
                        seen["types"].add(type(value).__name__)
                        seen["filled"] += 1
                        seen["longest"] = max(seen["longest"], len(value) if isinstance(value, str) else 0)
            shapes = {f: {**seen, "types": sorted(seen["types"])} for f, seen in fields.items()}
            counts = {"records": staging.count(tenant, name), "looked_at": len(records)}
            found.append({"tenant": self._tenant(tenant), "object": name, **counts, "fields": shapes})
        return found

    def _queues(self) -> dict[str, dict[str, int]]:
        counts: dict[str, dict[str, int]] = {}
        for line in read_queues(self._migration.queues):
            queue = counts.setdefault(line.queue, {"waiting": 0, "decided": 0})
            queue["decided" if line.decision else "waiting"] += 1
        return counts

    def _sample(self) -> Iterator[dict[str, Any]]:
        """Staged records, one of each object in turn, so that a few show all of them."""
        staging = self._migration.staging
        scans = [(t, n, (s for page in staging.scan(t, n) for s in page)) for t, n in staging.objects()]
        while scans:
            left = []
            for tenant, name, scan in scans:
                if (staged := next(scan, None)) is not None:
                    yield self._record(tenant, name, staged.record)
                    left.append((tenant, name, scan))
            scans = left

    def _record(self, tenant: str, name: str, record: Any) -> dict[str, Any]:
        kept = self._mapping.choices.get(name, {})
        values = self.pseudonyms.values(record.values, kept)
        changed = self.pseudonyms.value(record.updated_at)
        return {
            "tenant": self._tenant(tenant),
            "object": name,
            "key": self.pseudonyms.key(record.key),
            "deleted": record.deleted,
            "updated_at": changed.isoformat() if changed else None,
            "values": {field: dump_value(value) for field, value in values.items()},
        }

    def _tenant(self, tenant: str) -> str:
        return self.pseudonyms.tenant(tenant)


def write_bundle(migration: Migration, sample: int, key: bytes | None = None) -> tuple[Path, str]:
    """Write `reports/support-TIME.zip` (mode 0600); gives its path and what is in it. Raises StorageError."""
    parts = Bundle(migration, key).parts(sample)
    contents = {name: _bytes(part) for name, part in parts.items()}
    lines = [f"{name:44} {len(content):>9} bytes{_lines(parts[name])}" for name, content in contents.items()]
    listing = _ABOUT + "\n".join(lines) + "\n"
    path = migration.project.reports / f"support-{datetime.now(UTC):%Y%m%d-%H%M%S}.zip"
    with whole_file(path) as partial, zipfile.ZipFile(partial, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("contents.txt", listing)
        for name, content in contents.items():
            file.writestr(name, content)
    return path, listing


def _bytes(part: Any) -> bytes:
    if isinstance(part, list):
        return b"".join(orjson.dumps(line) + b"\n" for line in part)
    return orjson.dumps(part, option=orjson.OPT_INDENT_2 | orjson.OPT_NON_STR_KEYS)


def _lines(part: Any) -> str:
    return f", {len(part)} lines" if isinstance(part, list) else ""


def _choices(schema: Any) -> Mapping[str, frozenset[str]]:
    return {f.name: frozenset(option.value for option in f.options) for f in schema.fields if f.options}
