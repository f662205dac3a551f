"""From a document's tables to rows of a plan: headers, columns, numbering, structure."""
