"""Sound: music that is written and played for the video's own length, or files; mastered to what platforms expect."""

from nightreel.studio.audio.mix import RATE, soundtrack

__all__ = ["RATE", "soundtrack"]
