"""Does the reader read, and the emotion move, as people judged? Measures and converters; the data is not part of the project."""
