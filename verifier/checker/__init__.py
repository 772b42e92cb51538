"""An independent checker of certificates: the standard library only, and nothing of the rest of learnlaw."""
