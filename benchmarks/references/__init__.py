"""Replies that refer to a fact in other words, written blind to all but the facts."""
