"""The documents a closed period goes out as: DOCX, XLSX and a page, all from one `Report`."""
