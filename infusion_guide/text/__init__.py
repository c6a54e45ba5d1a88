"""Text: what understanding and safety both need of a sentence: spelling, folding, word vectors."""
