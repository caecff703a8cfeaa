"""The package's version, alone in a module so that building a wheel imports nothing."""

VERSION = "0.1.0"
