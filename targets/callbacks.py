"""What a target may call, by its public name: a user's target may import it from here as well."""

from .chimney.interface import Ndis

__all__ = ["Ndis"]
