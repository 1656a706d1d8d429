"""Checks of the streams: how they are coded, and how long they are."""

from nightreel.quality.checks.rule import Evidence, Span, Verdict, Wanted, rule, within

_BT709 = (1, 1, 1, 1)
_YOUTUBE = "YouTube's recommended upload settings: H.264 High, closed GOP of half the frame rate, 2 B-frames, 4:2:0"


@rule("video codec", tuple[str, ...], _YOUTUBE)
def video_codec(seen: Evidence, _wanted: Wanted, limit: tuple[str, ...]) -> Verdict:
    """Codec and profile."""
    codec = f"{seen.video.codec} {seen.video.profile}".strip()
    return Verdict(codec in limit, codec, " or ".join(limit))


@rule("level", Span, "ITU-T H.264, annex A: 4.2 is 1080p at 60 frames a second, which phones decode")
def level(seen: Evidence, _wanted: Wanted, limit: Span) -> Verdict | None:
    """The level that a decoder must have."""
    return within(seen.video.level / 10, limit, "") if seen.video.level else None


@rule("pixel format", tuple[str, ...], _YOUTUBE)
def pixel_format(seen: Evidence, _wanted: Wanted, limit: tuple[str, ...]) -> Verdict:
    """Eight bits, 4:2:0."""
    found = seen.video.pixel_format or "none"
    return Verdict(found in limit, found, " or ".join(limit))


@rule("colour tags", bool, "ITU-T H.273: 1 is BT.709; untagged or wrong tags shift colours from player to player")
def colour_tags(seen: Evidence, _wanted: Wanted, _limit: bool) -> Verdict:  # noqa: FBT001 - every check has these
    """Primaries, transfer and matrix say BT.709, in the limited range."""
    tags = "/".join(str(number) for number in seen.video.colour)
    tagged = seen.video.colour == _BT709
    return Verdict(tagged, "BT.709" if tagged else tags, "BT.709")


@rule("size", bool, "the format that was asked for")
def size(seen: Evidence, wanted: Wanted, _limit: bool) -> Verdict | None:  # noqa: FBT001 - as above
    """Width and height are those that were asked for, of square pixels."""
    if wanted.canvas is None:
        return None
    asked = f"{wanted.canvas[0]}x{wanted.canvas[1]}"
    return Verdict(_shape(seen) == asked, _shape(seen), asked)


@rule("aspect", tuple[str, ...], "the platform's formats")
def aspect(seen: Evidence, _wanted: Wanted, limit: tuple[str, ...]) -> Verdict:
    """The shape is one of the platform's: "9:16", or from one to another ("4:5 to 16:9")."""
    shape = seen.video.width / seen.video.height
    ok = seen.video.square_pixels and any(_fits(shape, words) for words in limit)
    return Verdict(ok, _shape(seen), " or ".join(limit))


@rule("short side", Span, "the platform's least size")
def short_side(seen: Evidence, _wanted: Wanted, limit: Span) -> Verdict:
    """Pixels of the shorter side."""
    return within(min(seen.video.width, seen.video.height), limit, "pixels", 0)


@rule("frame rate", Span, "the platform's rates; ours is 30")
def frame_rate(seen: Evidence, _wanted: Wanted, limit: Span) -> Verdict:
    """Frames a second."""
    return within(seen.video.fps, limit, "fps", 2)


@rule("duration", Span, "what was asked for, and the platform's limits")
def duration(seen: Evidence, wanted: Wanted, limit: Span) -> Verdict:
    """As long as was asked for, within the platform's limits."""
    seconds, asked, off = seen.video.seconds, wanted.seconds, wanted.seconds_off
    if asked is not None and abs(seconds - asked) > off:
        return Verdict(ok=False, found=f"{seconds:.2f} s", wanted=f"{asked:g} s ±{off:g} s")
    told = within(seconds, limit, "s", 2)
    return told if asked is None or not told.ok else Verdict(told.ok, told.found, f"{asked:g} s ±{off:g} s")


@rule("start", Span, "a first frame that comes late is black or a stall in some players", mend="remux")
def start(seen: Evidence, _wanted: Wanted, limit: Span) -> Verdict:
    """The first frame is shown at once."""
    return within(seen.video.start, limit, "s", 3)


@rule("closed GOP", bool, _YOUTUBE)
def closed_gop(seen: Evidence, _wanted: Wanted, _limit: bool) -> Verdict:  # noqa: FBT001 - as above
    """Every keyframe can be cut at: nothing before it is needed."""
    return Verdict(seen.video.closed, "closed" if seen.video.closed else "open", "closed")


@rule("keyframes", Span, _YOUTUBE)
def keyframes(seen: Evidence, _wanted: Wanted, limit: Span) -> Verdict:
    """Seconds from keyframe to keyframe, at most."""
    return within(seen.video.keyframe_gap, limit, "s apart", 2)


@rule("B-frames", Span, _YOUTUBE)
def b_frames(seen: Evidence, _wanted: Wanted, limit: Span) -> Verdict:
    """B-frames in a row, at most."""
    return within(seen.video.b_frames, limit, "in a row", 0)


@rule("bit rate", Span, "the platform's least rate")
def bit_rate(seen: Evidence, _wanted: Wanted, limit: Span) -> Verdict:
    """Of the picture, in Mbit/s."""
    return within(seen.video.bits / 1e6, limit, "Mbit/s", 2)


@rule("audio", bool, "whether music was asked for")
def audio(seen: Evidence, wanted: Wanted, _limit: bool) -> Verdict:  # noqa: FBT001 - as above
    """There is sound, where it was asked for."""
    found = "none" if seen.audio is None else "one track"
    return Verdict(seen.audio is not None or not wanted.sound, found, "one track" if wanted.sound else "any")


@rule("audio codec", tuple[str, ...], "what all platforms take: AAC, 48 kHz")
def audio_codec(seen: Evidence, _wanted: Wanted, limit: tuple[str, ...]) -> Verdict | None:
    """Codec and sample rate."""
    if seen.audio is None:
        return None
    found = f"{seen.audio.codec.upper()} {seen.audio.rate / 1000:g} kHz"
    return Verdict(found in limit, found, " or ".join(limit))


@rule("in sync", float, "the ear notices 45 ms early and 125 ms late (ITU-R BT.1359); streams shall end together")
def in_sync(seen: Evidence, _wanted: Wanted, limit: float) -> Verdict | None:
    """Sound begins and ends with the picture, within *limit* seconds at its end and a tenth of that at its start."""
    if seen.audio is None:
        return None
    sound, seconds = seen.audio, seen.video.seconds
    right = abs(sound.start) <= limit / 10 and abs(sound.start + sound.seconds - seconds) <= limit
    span = f"{sound.start:.2f} to {sound.start + sound.seconds:.2f} s"
    return Verdict(right, span, f"0 to {seconds:.2f} s ±{limit:g} s")


def _shape(seen: Evidence) -> str:
    square = "" if seen.video.square_pixels else ", pixels not square"
    return f"{seen.video.width}x{seen.video.height}{square}"


def _fits(shape: float, words: str) -> bool:
    edges = sorted(_ratio(one) for one in words.split(" to "))
    return edges[0] * 0.995 <= shape <= edges[-1] * 1.005


def _ratio(words: str) -> float:
    width, _, height = words.partition(":")
    return float(width) / float(height)
