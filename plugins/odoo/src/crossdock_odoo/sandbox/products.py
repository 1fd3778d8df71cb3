"""Products (measured on 18.0 with the module `product`): a template has variants, one of them at once."""

from collections.abc import Mapping, Sequence
from typing import Any

from crossdock_odoo.sandbox import records
from crossdock_odoo.sandbox.access import reference
from crossdock_odoo.sandbox.environment import Env
from crossdock_odoo.sandbox.registry import RULES, Ids, Rules, Values
from crossdock_odoo.sandbox.removal import remove

TEMPLATE, VARIANT, CATEGORY = "product.template", "product.product", "product.category"
_SHARED = ("default_code", "barcode", "standard_price", "weight", "volume")
"""What a template shows of its only variant, and passes on to it."""


def _creating(env: Env, vals: Values) -> None:
    if not vals.get("categ_id"):
        vals["categ_id"] = reference(env, "product.product_category_all")[1] or False
    if not vals.get("uom_id"):
        vals["uom_id"] = reference(env, "uom.product_uom_unit")[1] or False
    vals["uom_po_id"] = vals.get("uom_po_id") or vals["uom_id"]


def _created(env: Env, ids: Ids, values: Sequence[Values]) -> None:
    if env.flag("create_product_product"):
        return
    for key, vals in zip(ids, values, strict=True):
        passed = {name: vals[name] for name in _SHARED if vals.get(name)}
        variant = {"product_tmpl_id": key, "active": vals.get("active", True), **passed}
        records.create(env.sudo(), VARIANT, [variant])


def _written(env: Env, ids: Ids, vals: Values, _before: Mapping[int, Mapping[str, Any]]) -> None:
    passed = {name: vals[name] for name in (*_SHARED, "active") if name in vals}
    for key in ids if passed else ():
        variants = env.store.referring(VARIANT, "product_tmpl_id", key)
        if len(variants) == 1:
            records.write(env.sudo(), VARIANT, variants, passed)
        elif variants and vals.get("active") is False:  # code of 18.0; not brought back so simply
            records.write(env.sudo(), VARIANT, variants, {"active": False})


def _unlinking(env: Env, ids: Ids) -> None:
    variants = [at for key in ids for at in env.store.referring(VARIANT, "product_tmpl_id", key)]
    if variants:
        remove(env, VARIANT, variants)


def _creating_variant(env: Env, vals: Values) -> None:
    """A variant made alone brings its template."""
    if vals.get("product_tmpl_id"):
        return
    own = ("product_tmpl_id", "barcode", "default_code", "standard_price", "weight", "volume", "lst_price")
    inner = {name: vals.pop(name) for name in list(vals) if name not in own}
    if "lst_price" in vals:
        inner["list_price"] = vals.pop("lst_price")
    flagged = env.sudo().with_context(create_product_product=True)
    vals["product_tmpl_id"] = records.create(flagged, TEMPLATE, [inner])[0]


def _unlinking_variant(env: Env, ids: Ids) -> None:
    """The last variant takes its template along, after it."""
    for key in ids:
        template = env.row(VARIANT, key).get("product_tmpl_id", 0)
        if set(env.store.referring(VARIANT, "product_tmpl_id", template)) <= set(ids):
            env.db.leftovers.append((TEMPLATE, template))


def _unlinked_variant(env: Env, _ids: Ids) -> None:
    left, env.db.leftovers = env.db.leftovers, []
    for model, key in left:
        if env.exists(model, key) and not env.store.referring(VARIANT, "product_tmpl_id", key):
            remove(env, model, [key])


def _of_variant(name: str) -> Any:
    def shown(env: Env, key: int) -> Any:
        variants = env.store.referring(VARIANT, "product_tmpl_id", key)
        return env.row(VARIANT, variants[0]).get(name) if len(variants) == 1 else None

    return shown


def _named(env: Env, model: str, key: int) -> str:
    template = key if model == TEMPLATE else env.row(VARIANT, key).get("product_tmpl_id", 0)
    shown = (
        _of_variant("default_code")(env, key)
        if model == TEMPLATE
        else env.row(VARIANT, key).get("default_code")
    )
    name = str(env.row(TEMPLATE, template).get("name", ""))
    return f"[{shown}] {name}" if shown else name


def _currency(env: Env, _key: int) -> int | None:
    return env.row("res.company", 1).get("currency_id")


def _category(env: Env, key: int, row: Values, _vals: Values) -> None:
    above = env.row(CATEGORY, row.get("parent_id", 0))
    name = str(row.get("name", ""))
    row["complete_name"] = f"{above['complete_name']} / {name}" if above else name
    row["parent_path"] = f"{above.get('parent_path', '')}{key}/"


RULES[TEMPLATE] = Rules(
    creating=[_creating],
    created=[_created],
    written=[_written],
    unlinking=[_unlinking],
    computed={
        "currency_id": _currency,
        "barcode": _of_variant("barcode"),
        "default_code": _of_variant("default_code"),
        "standard_price": lambda env, key: _of_variant("standard_price")(env, key) or 0.0,
        "product_variant_count": lambda env, key: len(env.store.referring(VARIANT, "product_tmpl_id", key)),
        "product_variant_id": lambda env, key: next(
            iter(env.store.referring(VARIANT, "product_tmpl_id", key)), None
        ),
    },
    named=lambda env, key: _named(env, TEMPLATE, key),
)
RULES[VARIANT] = Rules(
    creating=[_creating_variant],
    unlinking=[_unlinking_variant],
    unlinked=[_unlinked_variant],
    computed={
        "lst_price": lambda env, key: env.row(TEMPLATE, env.row(VARIANT, key).get("product_tmpl_id", 0)).get(
            "list_price", 0.0
        ),
        "code": lambda env, key: env.row(VARIANT, key).get("default_code"),
    },
    named=lambda env, key: _named(env, VARIANT, key),
)
RULES[CATEGORY] = Rules(settled=[_category], resettled=[_category])
