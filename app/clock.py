"""Time on a clip's clock: an integer of microseconds, and spans of it with their algebra.

Seconds as floats appear only where people and files want them, through `seconds` and `from_seconds`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

MICROSECONDS = 1_000_000
"""Microseconds in a second."""


@dataclass(frozen=True, order=True)
class Span:
    """The half-open stretch [start_us, end_us) of a clip. Ordered by start, then end.

    >>> Span(0, 400) & Span(300, 900)
    Span(start_us=300, end_us=400)
    >>> Span(0, 400) | Span(300, 900)
    Span(start_us=0, end_us=900)
    >>> 399 in Span(0, 400), 400 in Span(0, 400)
    (True, False)
    """

    start_us: int
    end_us: int

    def __post_init__(self) -> None:
        if not 0 <= self.start_us < self.end_us:
            raise ValueError(f"a span starts at 0 or later and ends after it starts; got {self.start_us}–{self.end_us} µs")

    @property
    def duration_us(self) -> int:
        return self.end_us - self.start_us

    def overlaps(self, other: Span) -> bool:
        """Whether the two share at least one microsecond."""
        return self.start_us < other.end_us and other.start_us < self.end_us

    def __and__(self, other: Span) -> Span | None:
        """What the two share, or None."""
        return Span(max(self.start_us, other.start_us), min(self.end_us, other.end_us)) if self.overlaps(other) else None

    def __or__(self, other: Span) -> Span:
        """The smallest span that holds both."""
        return Span(min(self.start_us, other.start_us), max(self.end_us, other.end_us))

    def __contains__(self, time_us: int) -> bool:
        return self.start_us <= time_us < self.end_us


def seconds(time_us: int) -> str:
    """Microseconds as decimal seconds with six digits, without passing through a float.

    >>> seconds(1_066_733)
    '1.066733'
    """
    sign, magnitude = ("-", -time_us) if time_us < 0 else ("", time_us)
    return f"{sign}{magnitude // MICROSECONDS}.{magnitude % MICROSECONDS:06d}"


def from_seconds(value: float) -> int:
    """Seconds as the nearest whole microsecond.

    >>> from_seconds(1.0667334)
    1066733
    """
    return round(value * MICROSECONDS)


def moment_text(moment: datetime) -> str:
    """A time of day as ISO 8601 in UTC, to the microsecond. Raises ValueError for one without a zone.

    >>> moment_text(datetime(2026, 3, 1, 12, 30, tzinfo=UTC))
    '2026-03-01T12:30:00.000000Z'
    """
    if moment.tzinfo is None:
        raise ValueError(f"a time of day needs a zone; got {moment!r}")
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
