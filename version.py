"""The version: by itself, since the front of the package leads to everything."""

__version__ = "0.1.0"
