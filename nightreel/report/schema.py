"""The report's JSON Schema. `python -m nightreel.report.schema` writes the published file anew."""

import json
from pathlib import Path
from typing import Any

from nightreel.files import write_whole
from nightreel.report.model import RunReport

SCHEMA_FILE = Path(__file__).with_name("report.schema.json")


def report_schema() -> dict[str, Any]:
    """Return the schema of `report.json`, in JSON Schema 2020-12."""
    schema = RunReport.model_json_schema(mode="serialization")
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}


def schema_text() -> str:
    """Return the schema as it stands in the published file."""
    return json.dumps(report_schema(), indent=2, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    write_whole(SCHEMA_FILE, schema_text().encode())
