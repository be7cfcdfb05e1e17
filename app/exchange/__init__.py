"""Labels out of the program: a format is a file in `app.exchange.formats`, put in with `exporters.register`."""

from app.exchange.exporting import Exported, Exporter, ExportOptions, FolderInUse, Report, Written, export, exporters, zip_export
from app.exchange.rows import count_judgements

__all__ = [
    "ExportOptions",
    "Exported",
    "Exporter",
    "FolderInUse",
    "Report",
    "Written",
    "count_judgements",
    "export",
    "exporters",
    "zip_export",
]
