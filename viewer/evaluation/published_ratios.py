"""Ratios that have been published for radiographs, and what lies between them.

Not a diagnostic statement: bodies differ, tables speak of JPEG and JPEG 2000, and none of learned
codecs.
"""

from __future__ import annotations

from dataclasses import dataclass

WITHIN_ALL, WITHIN_SOME = 10.0, 30.0
"""Ends of the zones, to 1: the lowest and the highest ratio of a body for chest radiographs."""

DISCLAIMER = "Not a diagnostic statement."


@dataclass(frozen=True, slots=True)
class Published:
    """One published ratio.

    Parameters
    ----------
    ratio : float
        To 1.
    body : str
        Short, as written on the bar.
    says : str
        What it says of that ratio.
    source : str
    """

    ratio: float
    body: str
    says: str
    source: str


@dataclass(frozen=True, slots=True)
class Zone:
    """A stretch of ratios.

    Parameters
    ----------
    low, high : float
        To 1; the last zone has no end but that of the bar.
    title : str
    """

    low: float
    high: float
    title: str


ZONES = (
    Zone(1.0, WITHIN_ALL, "inside every table"),
    Zone(WITHIN_ALL, WITHIN_SOME, "inside CAR's alone"),
    Zone(WITHIN_SOME, float("inf"), "outside all"),
)

PUBLISHED = (
    Published(
        10.0,
        "DRG",
        "CR and DR but mammography, JPEG and JPEG 2000: up to 10 : 1",
        "German Roentgen Society consensus 2008, doi 10.1055/s-2008-1027847",
    ),
    Published(
        10.0,
        "Kim",
        "Chest, five readers, alternating display: 10 : 1 visually lossless, 15 : 1 and 20 : 1 "
        "visibly different to all",
        "Kim & Kim 2010, flicker study of 50 chest radiographs (synapse.koreamed.org 1086838)",
    ),
    Published(
        15.0,
        "DRG MG",
        "Mammography: up to 15 : 1",
        "German Roentgen Society consensus 2008, doi 10.1055/s-2008-1027847",
    ),
    Published(
        20.0,
        "ROC",
        "JPEG 2000, CR chest: no effect on the detection of lesions at 20 : 1",
        "ROC and t-test study in the Journal of Digital Imaging, PMC3611607",
    ),
    Published(
        25.0,
        "CAR MG",
        "Breast: up to 25 : 1",
        "Canadian Association of Radiologists 2008, as quoted second-hand",
    ),
    Published(
        30.0,
        "CAR",
        "CR and DR of chest, body and skeleton: up to 30 : 1",
        "Canadian Association of Radiologists 2008, after the pan-Canadian study "
        "(Koff et al., doi 10.1007/s10278-008-9139-7), as quoted second-hand",
    ),
)


def zone_of(ratio: float) -> Zone:
    """Return the zone a ratio lies in; the lower one on a border."""
    return next(zone for zone in ZONES if ratio <= zone.high)
