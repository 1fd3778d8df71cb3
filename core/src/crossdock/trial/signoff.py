"""Who signed what before the full run: the difference of a sample, or a rehearsal that was reconciled.

A signature is bound to a document (its digest) and to what was confirmed when that came about. The option
`require` makes the run wait for them:

    sample      a sample run at the destination whose difference somebody signed; everything that was
                confirmed then has to be what is confirmed now
    rehearsal   a full run at another destination, reconciled there and signed; the same mapping and the
                same decisions, wherever else it goes
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import orjson

from crossdock.errors import ConfigError, RefusedError
from crossdock.ledger import LOADING_KINDS, Ledger, Run, RunState
from crossdock.mappingfile.confirmation import PARTS
from crossdock.mappingfile.resolution import ResolvedMapping
from crossdock.migration import Migration
from crossdock.model import FindingKind
from crossdock.trial.samplediff import diff_file, digest_of
from crossdock.wholefile import write_whole

SAMPLE, REHEARSAL = "sample", "rehearsal"
_REHEARSED = ("mapping", "decisions")
"""The parts of a confirmation that have to be the same at a rehearsal and at the destination itself."""


@dataclass(frozen=True, slots=True)
class SignOff:
    """One signature. `destination` is the name of a rehearsal's destination, "" for the project's own.

    `digest` is that of the signed document, `parts` the confirmation that held for it, `findings` how many
    findings the signer accepted (fields that differ, or findings of the reconciliation). `at` in ISO 8601.
    """

    kind: str
    by: str
    at: str
    run: str
    destination: str
    digest: str
    parts: Mapping[str, str]
    findings: int = 0


def sign_off(
    migration: Migration,
    resolved: ResolvedMapping,
    by: str,
    at: datetime,
    run_id: str | None = None,
    *,
    accept: bool = False,
) -> SignOff:
    """Sign the newest sample (at another destination: the newest rehearsal), or the run of that id.

    `accept`: findings of a rehearsal's reconciliation are accepted. Raises RefusedError if there is nothing
    to sign as it stands, ConfigError for an unknown run.
    """
    if not by.strip():
        raise RefusedError("a signature needs the name of a person.", hint="Use --by NAME.")
    run = _run_to_sign(migration, run_id)
    parts = migration.confirmation_parts(resolved)
    _require_same(migration, run, parts)
    if run.kind == SAMPLE:
        digest, findings = _sample(migration.project.reports, run)
    else:
        digest, findings = _rehearsal(migration.ledger, run)
        if findings and not accept:
            raise RefusedError(
                f"the reconciliation of the rehearsal {run.id} has {findings} findings.",
                hint="Correct them and rehearse again, or sign them too: --accept-findings.",
            )
    kind = SAMPLE if run.kind == SAMPLE else REHEARSAL
    where = migration.destination_name or ""
    signed = SignOff(kind, by.strip(), at.isoformat(), run.id, where, digest, parts, findings)
    _write(_file(migration), [*read_sign_offs(migration), signed])
    return signed


def _run_to_sign(migration: Migration, run_id: str | None) -> Run:
    kinds = LOADING_KINDS if migration.destination_name else (SAMPLE,)
    runs = [run for run in migration.ledger.runs.all() if run.kind in kinds]
    if run_id is not None:
        runs = [run for run in runs if run.id == run_id]
        if not runs:
            raise ConfigError(f"no run {run_id} could be signed here.", hint="See `crossdock status`.")
    elif migration.destination_name:
        runs = [run for run in runs if run.kind != SAMPLE] or runs
    if not runs:
        where = f" at {migration.destination_name}" if migration.destination_name else ""
        what = f"run --to {migration.destination_name}" if migration.destination_name else "run --sample 200"
        raise RefusedError(f"there is nothing to sign{where} yet.", hint=f"Make it: crossdock {what}")
    if runs[-1].state is not RunState.DONE:
        raise RefusedError(f"run {runs[-1].id} is {runs[-1].state}, so there is nothing to sign.")
    return runs[-1]


def _require_same(migration: Migration, run: Run, parts: Mapping[str, str]) -> None:
    made_with: Mapping[str, str] = migration.ledger.runs.option(run, "confirmed") or {}
    changed = [name for name in PARTS if made_with.get(name) != parts.get(name)]
    if changed:
        words = ", ".join(PARTS[name] for name in changed)
        raise RefusedError(
            f"since run {run.id} began, this changed: {words}.",
            hint="Run it again with what is confirmed now, and sign that.",
        )


def _sample(folder: Path, run: Run) -> tuple[str, int]:
    path = diff_file(folder, run.id)
    try:
        content = path.read_bytes()
        differing = int(orjson.loads(content)["counts"]["differs"])
    except (OSError, ValueError, KeyError) as error:
        raise RefusedError(
            f"the difference of the sample {run.id} cannot be read ({path}).",
            hint="Make it again: crossdock run --sample 200",
        ) from error
    return digest_of(content), differing


def _rehearsal(ledger: Ledger, run: Run) -> tuple[str, int]:
    """Digest and number of findings of the newest reconciliation after that run."""
    later = [r for r in ledger.runs.all() if r.n > run.n]
    checks = [r for r in later if r.kind == "reconcile" and r.state is RunState.DONE]
    newest_load = max((r.n for r in later if r.kind in LOADING_KINDS), default=run.n)
    if not checks or checks[-1].n < newest_load:
        raise RefusedError(
            f"the rehearsal {run.id} was not reconciled.", hint="Do it first: crossdock reconcile --to NAME"
        )
    counts = {f"{name}: {kind}": n for (name, kind), n in sorted(ledger.findings.count(checks[-1]).items())}
    harmless = f": {FindingKind.NORMALISED}"
    findings = sum(n for what, n in counts.items() if not what.endswith(harmless))
    return hashlib.sha256(orjson.dumps([run.id, checks[-1].id, counts])).hexdigest(), findings


def require_signed(migration: Migration, resolved: ResolvedMapping, *, sample: bool = False) -> None:
    """See to it that what the project requires is signed. `sample`: a sample run is about to start.

    Raises RefusedError naming what is missing. A rehearsal itself needs no signature.
    """
    wanted = migration.project.options.require
    if not wanted or migration.destination_name is not None:
        return
    signed, parts = read_sign_offs(migration), migration.confirmation_parts(resolved)
    if REHEARSAL in wanted and not _signed(signed, REHEARSAL, parts, _REHEARSED):
        raise RefusedError(
            "crossdock.yaml requires a rehearsal of this mapping, and nobody has signed one.",
            hint="crossdock run --to NAME, then reconcile --to NAME, then signoff --to NAME --by PERSON",
        )
    if SAMPLE in wanted and not sample and not _signed(signed, SAMPLE, parts, tuple(PARTS)):
        raise RefusedError(
            "crossdock.yaml requires a sample with this mapping, and nobody has signed one.",
            hint="crossdock run --sample 200, read the difference, crossdock signoff --by NAME",
        )


def _signed(signed: Sequence[SignOff], kind: str, parts: Mapping[str, str], names: Sequence[str]) -> bool:
    return any(
        s.kind == kind
        and bool(s.destination) == (kind == REHEARSAL)
        and all(s.parts.get(name) == parts.get(name) for name in names)
        for s in signed
    )


def read_sign_offs(migration: Migration) -> list[SignOff]:
    """All signatures of a project, oldest first. Raises RefusedError if the file is damaged."""
    path = _file(migration)
    try:
        return [SignOff(**entry) for entry in orjson.loads(path.read_bytes())]
    except FileNotFoundError:
        return []
    except (OSError, ValueError, TypeError) as error:
        raise RefusedError(f"the signatures in {path} cannot be read.", hint="Sign again.") from error


def _file(migration: Migration) -> Path:
    return migration.project.state / "signoffs.json"


def _write(path: Path, signed: Sequence[SignOff]) -> None:
    content: list[dict[str, Any]] = [asdict(one) for one in signed]
    write_whole(path, orjson.dumps(content, option=orjson.OPT_INDENT_2))
