"""Nightreel turns catalog photos into finished videos, every night."""

__version__ = "0.1.0"
