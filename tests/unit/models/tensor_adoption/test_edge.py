from __future__ import annotations

import numpy as np

from millwright.models.adoption import adopt
from millwright.models.feed import Feed
from millwright.models.tensor_adoption.edge import edge_feeds
from unit.models.tensor_graphs import picture_graph, pictures, sentence_graph


def test_numbers_reach_beyond_the_sample_and_integers_do_not():
    images = pictures(3)
    found = list(edge_feeds(Feed(range(3), {"image": images}), adopt(picture_graph(), images).signature))
    assert all(feed.arrays["image"].shape == (len(feed.places), 2, 3, 4) for feed in found)
    assert max(feed.arrays["image"].max() for feed in found) > images.max()
    ids = np.array([[3, 4, 9, 5]])
    made = list(edge_feeds(Feed(range(1), {"ids": ids}), adopt(sentence_graph(), ids).signature))
    assert {int(each) for feed in made for each in feed.arrays["ids"].reshape(-1)} <= {3, 4, 5, 9}
    assert {feed.arrays["ids"].shape[1] for feed in made} >= {1, 2, 4, 7}
