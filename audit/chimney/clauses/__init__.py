"""The clause catalogue as data; :mod:`..catalogue` reads it."""
