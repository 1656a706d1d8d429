"""Photos: opened safely, looked at to the last pixel, made into what every engine takes."""

from nightreel.images.check import CheckLine, check_file, check_paths
from nightreel.images.intake import Intake
from nightreel.images.photos import Ready, normalise, probe

__all__ = ["CheckLine", "Intake", "Ready", "check_file", "check_paths", "normalise", "probe"]
