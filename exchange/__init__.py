"""Files that programs and offices read: spreadsheets in and out."""

from exchange.export import export_file
from exchange.maps import ColumnMap, read_map
from exchange.report import ImportReport
from exchange.spreadsheets import import_file

__all__ = ["ColumnMap", "ImportReport", "export_file", "import_file", "read_map"]
