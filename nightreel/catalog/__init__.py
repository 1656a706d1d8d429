"""Catalogs: folders and feeds with their briefs, read into products; clips; and the plan."""

from nightreel.catalog.briefs import Overrides, parse_format, read_brief
from nightreel.catalog.clips import clips_of
from nightreel.catalog.planner import Plan, PlanItem, changes, plan
from nightreel.catalog.products import Rejected, list_products
from nightreel.catalog.read import Catalog, read_catalog

__all__ = [
    "Catalog",
    "Overrides",
    "Plan",
    "PlanItem",
    "Rejected",
    "changes",
    "clips_of",
    "list_products",
    "parse_format",
    "plan",
    "read_brief",
    "read_catalog",
]
