"""The studio: an embedded engine that speaks the NemoVideo API on loopback and renders real 1080p MP4s."""
