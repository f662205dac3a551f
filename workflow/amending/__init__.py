"""Acts that join reading and storage: importing or changing a plan or a directory, for pages and commands."""
