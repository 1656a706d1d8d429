"""Carries faults out on the wire: around the application, and only where a schedule is given."""

from nightreel.studio.breaking.layer import FaultLayer
from nightreel.studio.breaking.wires import Wires

__all__ = ["FaultLayer", "Wires"]
