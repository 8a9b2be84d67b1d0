"""Distances between places, by way of points on the unit sphere."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

EARTH_RADIUS_KM = 6371.0088

Distances = npt.NDArray[np.float64]


def unit_vectors(lat: npt.ArrayLike, lon: npt.ArrayLike) -> npt.NDArray[np.float64]:
    """Return places as points on the unit sphere.

    Parameters
    ----------
    lat, lon : float or float array of shape (n,)
        Degrees; NaN unknown.

    Returns
    -------
    float64, shape (3,) or (3, n)
        NaN where either is unknown.

    Examples
    --------
    >>> unit_vectors(0.0, 90.0).round(6).tolist()
    [0.0, 1.0, 0.0]
    """
    phi = np.radians(np.asarray(lat, dtype=np.float64))
    theta = np.radians(np.asarray(lon, dtype=np.float64))
    flat = np.cos(phi)
    return np.stack([flat * np.cos(theta), flat * np.sin(theta), np.sin(phi) + 0.0 * theta])


def chord_km(
    point: npt.NDArray[Any], x: npt.NDArray[Any], y: npt.NDArray[Any], z: npt.NDArray[Any]
) -> Distances:
    """Return great-circle distances from one point to many.

    Parameters
    ----------
    point : float array, shape (3,)
    x, y, z : float array, shape (n,)
        On the unit sphere; in 32 bits they place a point within a metre.

    Returns
    -------
    float64, shape (n,)
        Kilometres, NaN where either place is unknown.

    Notes
    -----
    Arc of the chord: 2 R asin(c / 2), on the mean Earth radius; exact for near places, where the
    cosine formula is not.
    """
    a, b, c = (float(part) for part in point)
    square = np.subtract(x, a, dtype=np.float64) ** 2
    square += np.subtract(y, b, dtype=np.float64) ** 2
    square += np.subtract(z, c, dtype=np.float64) ** 2
    half = np.sqrt(square) * 0.5
    found: Distances = np.arcsin(np.minimum(half, 1.0, out=half))
    found *= 2 * EARTH_RADIUS_KM
    return found


def distance_km(
    lat: float, lon: float, lats: npt.NDArray[Any], lons: npt.NDArray[Any]
) -> Distances:
    """Return great-circle distances in kilometres from one place in degrees to many.

    Examples
    --------
    >>> round(float(distance_km(30.67, 104.06, np.array([30.67]), np.array([105.06]))[0]), 1)
    95.6
    """
    return chord_km(unit_vectors(lat, lon), *unit_vectors(lats, lons))
