"""Checks of what is to be heard."""

from nightreel.quality.checks.rule import Evidence, Span, Verdict, Wanted, rule, within

_USUAL = "platforms play at -14 LUFS and turn down what is louder; peaks above -1 dBTP clip when they encode anew"
_FULL = 0.7
"""Full scale is 1: nothing lower is clipped, whatever its shape."""


@rule("not silent", tuple[float, float], "music was asked for, and is to be heard")
def not_silent(seen: Evidence, wanted: Wanted, limit: tuple[float, float]) -> Verdict | None:
    """Louder than the first limit, in dBFS, and silent for no larger share than the second."""
    quietest, most = limit
    if seen.hearing is None or not wanted.sound:
        return None
    heard = seen.hearing.mean > quietest and seen.hearing.silent <= most
    found = f"{seen.hearing.mean:.0f} dBFS, silent for {seen.hearing.silent:.0%}"
    return Verdict(heard, found, f"over {quietest:.0f} dBFS, silent for at most {most:.0%}")


@rule("loudness", Span, _USUAL, mend="loudness")
def loudness(seen: Evidence, wanted: Wanted, limit: Span) -> Verdict | None:
    """Integrated loudness, in LUFS; silent on purpose has none, and soft on purpose is only not too loud."""
    if seen.hearing is None or wanted.sound is False or seen.hearing.integrated == float("-inf"):
        return None
    return within(seen.hearing.integrated, Span(None, limit.most) if wanted.softer else limit, "LUFS")


@rule("true peak", Span, _USUAL, mend="loudness")
def true_peak(seen: Evidence, _wanted: Wanted, limit: Span) -> Verdict | None:
    """The highest value between samples, in dBTP."""
    return None if seen.hearing is None else within(seen.hearing.true_peak, limit, "dBTP")


@rule("clipping", float, "clean music has fewer than one sample in a thousand at its very top")
def clipping(seen: Evidence, _wanted: Wanted, limit: float) -> Verdict | None:
    """The share of samples that are cut flat at the top of the scale."""
    if seen.hearing is None:
        return None
    share = seen.hearing.flattened if seen.hearing.peak >= _FULL else 0.0
    return Verdict(share <= limit, f"{share:.2%} of the samples", f"at most {limit:.2%}")


@rule("offset", float, "a constant in the signal clicks at cuts and costs headroom")
def offset(seen: Evidence, _wanted: Wanted, limit: float) -> Verdict | None:
    """The mean of the samples (DC); full scale is 1."""
    if seen.hearing is None:
        return None
    return Verdict(abs(seen.hearing.offset) <= limit, f"{seen.hearing.offset:.4f}", f"0 ±{limit:g}")


@rule("mono", float, "phones play one channel: what cancels out there is lost")
def mono(seen: Evidence, _wanted: Wanted, limit: float) -> Verdict | None:
    """How much power is lost in mono, in dB."""
    if seen.hearing is None or seen.hearing.integrated == float("-inf"):
        return None
    return within(seen.hearing.mono, Span(None, limit), "dB lost")
