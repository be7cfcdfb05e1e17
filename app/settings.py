"""What can be set from outside, each with its environment variable `PORTRAYAL_<NAME>`. There is no other configuration file."""

from __future__ import annotations

from pathlib import Path

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    """Read once at the program's edge (command line, web app, worker) and handed on from there."""

    model_config = SettingsConfigDict(env_prefix="PORTRAYAL_", extra="ignore", frozen=True, populate_by_name=True)

    home: Path = Field(default=Path("var"), description="Folder that holds database, media, weights and secrets.")
    database_url: str | None = Field(default=None, description="SQLAlchemy URL; empty means SQLite in `home`.")
    weights_folder: Path | None = Field(
        default=None, validation_alias="PORTRAYAL_WEIGHTS", description="Folder of the models' weights; empty means `weights` in `home`."
    )
    max_upload_bytes: int = Field(default=20 * 2**30, gt=0, description="Largest file that an upload or import accepts.")
    max_duration_s: float = Field(default=6 * 3600, gt=0, description="Longest clip that an import accepts, in seconds.")
    max_pixels: int = Field(default=8192 * 8192, gt=0, description="Largest frame (width × height) that an import accepts.")
    workers: int = Field(default=1, ge=1, description="Analysis processes at work at the same time.")
    session_hours: float = Field(default=24 * 14, gt=0, description="Hours until a browser's session cookie expires.")

    @property
    def url(self) -> str:
        """The database's SQLAlchemy URL."""
        return self.database_url or f"sqlite:///{(self.home / 'portrayal.sqlite').absolute()}"

    @property
    def media(self) -> Path:
        """Folder of the content-addressed media store."""
        return self.home / "media"

    @property
    def weights(self) -> Path:
        """Folder of the models' weights; several homes may share one."""
        return self.weights_folder or self.home / "weights"

    @property
    def secrets(self) -> Path:
        """Folder of generated secrets, readable by its owner alone."""
        return self.home / "secrets"
