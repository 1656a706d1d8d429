"""Sound: a bed of music, synthesised for the video's own length and mastered to what platforms expect."""

from nightreel.studio.audio.mix import RATE, soundtrack

__all__ = ["RATE", "soundtrack"]
