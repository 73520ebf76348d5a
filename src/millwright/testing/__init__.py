"""Conformance suites for stores: one pytest class per interface of `storage.base`, to be run over every back-end.

For a back-end of your own, subclass a suite and say how its store is opened:

    class TestMyRunStore(RunStoreConformance):
        @pytest.fixture
        def opener(self, tmp_path):
            return StoreOpener(MyPlace(tmp_path), "runs")

An opener is called without arguments, gives a context manager with the store, and can be pickled, since several tests
open the store in other processes. Needs pytest; nothing in the product imports this package.
"""
