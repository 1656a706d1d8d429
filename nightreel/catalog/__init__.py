"""Catalogs: folders and feeds with their briefs, read into products; clips; and the plan."""

from nightreel.catalog.briefs import Overrides, parse_format, read_brief
from nightreel.catalog.changes import changes
from nightreel.catalog.clips import clips_of
from nightreel.catalog.columns import Column, parse_mapping
from nightreel.catalog.planner import Plan, PlanItem, plan
from nightreel.catalog.products import Named, Rejected, catalog_at, list_products
from nightreel.catalog.read import Catalog, read_catalog

__all__ = [
    "Catalog",
    "Column",
    "Named",
    "Overrides",
    "Plan",
    "PlanItem",
    "Rejected",
    "catalog_at",
    "changes",
    "clips_of",
    "list_products",
    "parse_format",
    "parse_mapping",
    "plan",
    "read_brief",
    "read_catalog",
]
