"""The program's version, stored with every analysis and export."""

VERSION = "0.1.0"
