"""Who owes what until when: board, urging, ladder, digests, late lists."""
