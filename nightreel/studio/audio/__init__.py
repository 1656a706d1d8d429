"""Sound: music that is written and played for the video's own length, or files; mastered to what platforms expect."""

from nightreel.studio.audio.mix import RATE, sounding, soundtrack

__all__ = ["RATE", "sounding", "soundtrack"]
