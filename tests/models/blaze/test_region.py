from __future__ import annotations

import numpy as np
import pytest

from models.blaze.region import Region


def spot(width: int, height: int, x: int, y: int, radius: int = 3) -> np.ndarray:
    """A black picture with a white disc whose middle is the middle of pixel (x, y)."""
    rows, columns = np.mgrid[:height, :width]
    return np.repeat((((columns - x) ** 2 + (rows - y) ** 2 <= radius**2) * 255).astype(np.uint8)[..., None], 3, axis=2)


def middle(picture: np.ndarray) -> np.ndarray:
    """(2,) x, y of what is white, in shares of the picture."""
    grey = picture[..., 0].astype(float)
    rows, columns = np.mgrid[: grey.shape[0], : grey.shape[1]] + 0.5
    return np.array([(columns * grey).sum() / grey.sum() / grey.shape[1], (rows * grey).sum() / grey.sum() / grey.shape[0]])


@pytest.mark.parametrize("angle", [0.0, 0.4, -1.2, 3.0])
@pytest.mark.parametrize("side", [40, 150, 800])
def test_a_point_seen_in_the_crop_is_where_it_is_in_the_image(angle: float, side: float) -> None:
    picture = spot(640, 480, 333, 222, radius=int(max(3, side / 20)))
    region = Region(325.0, 230.0, float(side), angle)
    seen = middle(region.crop(picture, 192))
    np.testing.assert_allclose(region.points(seen[None].astype(np.float32))[0], [333.5, 222.5], atol=0.006 * side)


def test_a_turned_region_shows_its_own_up_as_up() -> None:
    picture = spot(200, 200, 150, 100)  # to the right of the middle
    np.testing.assert_array_less(middle(Region(100, 100, 200, np.pi / 2).crop(picture, 100))[1], 0.3)


def test_depth_is_scaled_and_never_turned() -> None:
    turned = Region(10, 20, 50, 1.0).points(np.array([[0.5, 0.5, 0.1]], np.float32))
    np.testing.assert_allclose(turned, [[10, 20, 5]], atol=1e-5)


def test_beyond_the_border_is_black_or_the_border_continued() -> None:
    white = np.full((50, 50, 3), 255, np.uint8)
    region = Region(0, 25, 50)
    assert region.crop(white, 64)[32, 2].tolist() == [0, 0, 0]
    assert region.crop(white, 64, continued=True)[32, 2].tolist() == [255, 255, 255]


@pytest.mark.parametrize("angle", [0.0, 0.7])
@pytest.mark.parametrize("place", [(-900, -900), (-900, 300), (640, -900), (2200, 1600), (2200, 300), (1e7, -1e7)])
def test_a_region_beside_the_picture_is_black_or_the_border_continued(place: tuple[float, float], angle: float) -> None:
    picture = np.full((720, 1280, 3), 200, np.uint8)
    region = Region(*place, 780, angle)
    assert not region.crop(picture, 192).any()
    assert (region.crop(picture, 192, continued=True) == 200).all()


def test_a_region_that_only_a_corner_of_the_picture_lies_in_shows_that_corner() -> None:
    white = np.full((720, 1280, 3), 255, np.uint8)
    crop = Region(-380, -380, 780).crop(white, 192)  # 10 pixels of the picture, at 4 to one of the crop
    assert crop[-1, -1].min() > 200 and not crop[:-4].any() and not crop[:, :-4].any()


def test_the_whole_picture_is_its_longer_side_with_bands() -> None:
    assert Region.whole(np.zeros((100, 300, 3), np.uint8)) == Region(150, 50, 300)


def test_a_square_without_size_is_refused() -> None:
    with pytest.raises(ValueError, match="above 0"):
        Region(0, 0, 0)
