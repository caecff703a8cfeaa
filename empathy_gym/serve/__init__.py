"""A small page on this machine on which one talks with a seeker: ``python -m empathy_gym serve``."""
