"""Acts that join reading and storage: a plan or a directory taken in or changed, for pages and commands."""
