"""Clips as an earlier night left them: in the journal, and in the output folder with their records."""

import json
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from sqlalchemy import insert

from nightreel.clips import places_of
from nightreel.ledger.schema import clip as clips
from nightreel.models import Clip
from nightreel.runtime import Runtime

_VIDEO = b"a video"
_AT_ONCE = 500


async def have_made(made: Sequence[Clip], out: Path, runtime: Runtime) -> None:
    """Record *made* as made and delivered into *out*, without a video in it."""
    account = await runtime.ledger.credits.open_account(runtime.tools.engine, runtime.tools.account)
    async with runtime.ledger.store.write() as tx:
        rows = [_row(clip, out, account, tx.now) for clip in made]
        for start in range(0, len(rows), _AT_ONCE):
            await tx.run(insert(clips).values(rows[start : start + _AT_ONCE]))
    for clip in made:
        _deliver(clip, out, account)


def _row(clip: Clip, out: Path, account: str, now: datetime) -> dict[str, object]:
    return {
        "id": f"clip_{clip.key[:32]}",
        "account_id": account,
        "key": clip.key,
        "take": 1,
        "product": clip.product,
        "format": clip.format.value,
        "recipe": clip.recipe,
        "prompt": clip.prompt,
        "photos": [photo.sha256 for photo in clip.photos],
        "status": "made",
        "step": "deliver",
        "fence": 1,
        "video": str(places_of(clip, out).video),
        "created_at": now,
        "made_at": now,
    }


def _deliver(clip: Clip, out: Path, account: str) -> None:
    places = places_of(clip, out)
    places.video.parent.mkdir(parents=True)
    places.video.write_bytes(_VIDEO)
    places.cover.touch()
    record = {"key": clip.key, "take": 1, "account": account, "video": {"size": len(_VIDEO)}}
    places.record.write_text(json.dumps(record), encoding="utf-8")
