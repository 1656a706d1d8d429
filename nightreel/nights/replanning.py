"""In the night: a product whose photos changed between plan and upload is planned again, from what they are now."""

from nightreel.catalog import Catalog, Plan, PlanItem
from nightreel.clips import Order
from nightreel.errors import PhotoChanged
from nightreel.models import Clip
from nightreel.nights.planning import Night, plan_night
from nightreel.runtime import Runtime


async def replanned(night: Night, order: Order, runtime: Runtime) -> tuple[Night, tuple[Clip, ...]]:
    """Return *night* as it is planned now, and the clips that are to be made after all; none, if no photo changed.

    Nothing was bought of what is dropped: a photo is looked at again before it is sent.
    """
    products = await _changed(night, order, runtime)
    if not products or runtime.tools.stopping.asked:
        return night, ()
    again = night.request.model_copy(update={"only": tuple(sorted(products)), "remake": ()})
    fresh = await plan_night(again, runtime)
    tried = {clip.key for clip in night.work}
    plan = _joined(night.plan, fresh.plan, products)
    work = tuple(clip for clip in plan.clips if clip.product in products and clip.key not in tried)
    catalog = _with_products(night.catalog, fresh.catalog, products)
    return night.model_copy(update={"plan": plan, "catalog": catalog}), work


async def _changed(night: Night, order: Order, runtime: Runtime) -> set[str]:
    """Return the products that could not be uploaded since a photo is another one."""
    failures = await runtime.ledger.journal.failures(order.run_id)
    wanted = {clip_id for clip_id, kind in failures.items() if kind == PhotoChanged.__name__}
    if not wanted:
        return set()
    keys = {clip.key for clip in night.work}
    records = await runtime.ledger.journal.clips(runtime.tools.engine, runtime.tools.account)
    return {record.product for record in records if record.id in wanted and record.key in keys}


def _joined(before: Plan, now: Plan, products: set[str]) -> Plan:
    """Put what is planned *now* of *products* in the place of what was planned before; where it stands stays."""
    folders = {item.product: item.clip.folder for item in before.items if item.clip is not None}
    fresh = [_placed(item, folders) for item in now.items if item.status != "vanished"]
    kept = [item for item in before.items if item.product not in products]
    items = (*kept, *fresh)
    return before.model_copy(update={"items": items, "credits": sum(item.credits for item in items)})


def _placed(item: PlanItem, folders: dict[str, str]) -> PlanItem:
    if item.clip is None or item.product not in folders:
        return item
    clip = item.clip.model_copy(update={"folder": folders[item.product]})
    return item.model_copy(update={"clip": clip})


def _with_products(before: Catalog, now: Catalog, products: set[str]) -> Catalog:
    kept = (product for product in before.products if product.id not in products)
    return before.model_copy(
        update={"products": (*kept, *now.products), "rejected": (*before.rejected, *now.rejected)}
    )
