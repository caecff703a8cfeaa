"""Does the same said in other words do the same, and the same words shuffled nothing?"""
