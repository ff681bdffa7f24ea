"""A small report on the events, from their columns: those of all versions, as the newest schema sees them."""

from __future__ import annotations

from pathlib import Path

import polars as pl

import avrojet.polars

SCHEMAS = Path(__file__).parent / "schemas" / "2"


def events(folder: Path, kind: str) -> pl.LazyFrame:
    """The events of a kind, of all versions."""
    schema = (SCHEMAS / f"{kind}.avsc").read_text(encoding="utf-8")
    return avrojet.polars.scan_avro(str(folder / f"{kind.lower()}-*.avro"), reader_schema=schema)


def report(folder: Path) -> dict[str, pl.DataFrame]:
    """Tables by their titles."""
    watched = (
        events(folder, "Watch")
        .group_by("movieId")
        .agg(pl.len().alias("minutes"), pl.col("watchedInFull").sum().alias("in full"))
    )
    rated = events(folder, "Rating").group_by("movieId").agg(pl.col("rating").mean().round(2))
    devices = (
        events(folder, "Recommendation")
        .group_by("deviceType")
        .agg(pl.len().alias("requests"), pl.col("responseMillis").median().alias("ms"))
    )
    recommended = (
        events(folder, "Recommendation").select(pl.col("results").explode()).group_by("results").agg(pl.len())
    )
    return {
        "Movies": watched.join(rated, on="movieId").sort("minutes", descending=True).collect(),
        "Recommended": recommended.sort("len", "results", descending=True).collect(),
        "Devices": devices.sort("deviceType").collect(),
    }
