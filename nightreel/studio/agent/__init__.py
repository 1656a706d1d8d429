"""The studio's editor: a prompt and what is there → a draft. Pure functions, no clock, no files."""
