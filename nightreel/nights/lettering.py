"""Whether the service's fonts have what the catalog's texts are written in: looked at before anything is paid."""

from collections.abc import Iterator

from nightreel.catalog import Catalog, Rejected
from nightreel.catalog.clips import clips_of
from nightreel.errors import BriefError
from nightreel.models import Clip, Product
from nightreel.runtime import Typecase


def readable(catalog: Catalog, typecase: Typecase | None) -> Catalog:
    """Return *catalog* without the products whose texts no font can set; each is rejected, with character and reason.

    Args:
        catalog: as it was read.
        typecase: what can be set; None of a service whose fonts are not known.
    """
    if typecase is None:
        return catalog
    fonts = {font: typecase.missing(font) for font in {product.brief.font for product in catalog.products} if font}
    unfit: dict[str, str] = {}
    notes: list[str] = []
    for product in catalog.products:
        if reason := fonts.get(product.brief.font, ""):
            unfit[product.id] = reason
        elif typecase.doubtful(_texts(product)):
            clips = _clips(product)
            reasons = [reason for clip in clips if (reason := typecase.why_not(clip.prompt, clip.language))]
            unfit |= {product.id: reasons[0]} if reasons else {}
            notes += [f"{product.id}: {note}" for clip in clips[:1] for note in _left_out(clip, typecase)]
    return catalog.model_copy(
        update={
            "products": tuple(product for product in catalog.products if product.id not in unfit),
            "rejected": (*catalog.rejected, *(Rejected(product=name, reason=unfit[name]) for name in unfit)),
            "notes": (*catalog.notes, *notes),
        }
    )


def _texts(product: Product) -> Iterator[str]:
    brief = product.brief
    yield from product.fields.values()
    yield from (product.id, brief.prompt, brief.title, brief.subtitle, brief.price, brief.brand, *brief.captions)


def _clips(product: Product) -> tuple[Clip, ...]:
    """Return a product's clips; the planner tells of a brief that cannot be filled in."""
    try:
        return clips_of(product)
    except BriefError:
        return ()


def _left_out(clip: Clip, typecase: Typecase) -> list[str]:
    return typecase.left_out(clip.prompt, clip.language)
