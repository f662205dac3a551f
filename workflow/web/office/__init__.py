"""The office's board, mails, late lists, votes, search."""
