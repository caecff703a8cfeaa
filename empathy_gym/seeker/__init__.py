"""The seeker: pure functions from a reply to a reading, an appraisal, an emotion and a line. No Gymnasium here."""
