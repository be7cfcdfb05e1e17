"""Labels out of the program: a format is a file in `app.exchange.formats`, put in with `exporters.register`."""

from app.exchange.exporting import Exported, Exporter, ExportOptions, FolderInUse, Written, export, exporters, zip_export

__all__ = ["ExportOptions", "Exported", "Exporter", "FolderInUse", "Written", "export", "exporters", "zip_export"]
