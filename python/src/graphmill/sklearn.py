"""scikit-learn: a transformer of k-nearest-neighbor graphs for its pipelines, and for scanpy."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy.sparse import csr_matrix
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.utils.validation import check_is_fitted, validate_data

from ._index import Index

_SPACES = {
    "euclidean": "l2", "l2": "l2", "sqeuclidean": "l2", "cosine": "cosine", "manhattan": "l1", "cityblock": "l1",
    "l1": "l1", "chebyshev": "chebyshev", "infinity": "chebyshev",
}


class KNeighborsTransformer(TransformerMixin, BaseEstimator):  # type: ignore[misc]
    """Approximate k-nearest neighbors as a sparse graph, in place of ``sklearn.neighbors.KNeighborsTransformer``.

    Args:
        n_neighbors: neighbors of a row.
        mode: "distance" gives n_neighbors + 1 entries a row, as sklearn does: the row itself first, at distance 0, then
            the others by distance. "connectivity" gives n_neighbors entries of 1, the row itself among them.
        metric: "euclidean", "sqeuclidean", "cosine", "manhattan" or "chebyshev".
        m, ef_construction: the graph of the index: links of a node, beam width of the build.
        ef: beam width of the search; None for 64, or what n_neighbors needs.
        n_jobs: threads; None for one, -1 for all. They change no result.

    Example:
        >>> import numpy as np
        >>> X = np.array([[0.0], [1.0], [3.0]], np.float32)
        >>> KNeighborsTransformer(1).fit_transform(X).toarray().tolist()
        [[0.0, 1.0, 0.0], [1.0, 0.0, 0.0], [0.0, 2.0, 0.0]]
    """

    def __init__(
        self, n_neighbors: int = 5, *, mode: str = "distance", metric: str = "euclidean", m: int = 16,
        ef_construction: int = 200, ef: int | None = None, n_jobs: int | None = None,
    ) -> None:
        self.n_neighbors = n_neighbors
        self.mode = mode
        self.metric = metric
        self.m = m
        self.ef_construction = ef_construction
        self.ef = ef
        self.n_jobs = n_jobs

    def fit(self, X: Any, y: Any = None) -> KNeighborsTransformer:
        """Builds an index over the rows of X, shape [samples, features]."""
        X = validate_data(self, X, dtype=[np.float32, np.float64])
        if self.mode not in ("distance", "connectivity"):
            raise ValueError(f"mode is 'distance' or 'connectivity', not {self.mode!r}")
        if self.metric not in _SPACES:
            raise ValueError(f"there is no metric {self.metric!r}; there are: {', '.join(_SPACES)}")
        self.index_ = Index.build(
            X.astype(np.float32, copy=False), space=_SPACES[self.metric], M=self.m,
            ef_construction=self.ef_construction, threads=self._threads())
        self.n_samples_fit_ = X.shape[0]
        self._rows = np.ascontiguousarray(X, np.float32)
        self.effective_metric_ = self.metric
        return self

    def transform(self, X: Any) -> csr_matrix:
        """The graph from the rows of X to those that were fitted: CSR, shape [samples, fitted samples].

        Raises:
            ValueError: fewer rows were fitted than neighbors are wanted.
        """
        check_is_fitted(self)
        X = validate_data(self, X, dtype=[np.float32, np.float64], reset=False)
        rows = np.ascontiguousarray(X, np.float32)
        wanted = self.n_neighbors + (self.mode == "distance")
        if self.n_neighbors < 1 or wanted > self.n_samples_fit_:
            raise ValueError(
                f"Expected n_neighbors <= n_samples_fit, but n_neighbors = {wanted}, n_samples_fit = "
                f"{self.n_samples_fit_}, n_samples = {len(rows)}")
        ids, distances = self.index_.search(rows, wanted, ef=max(self.ef or 64, wanted), threads=self._threads())
        if rows.shape == self._rows.shape and np.array_equal(rows, self._rows):
            ids, distances = _selves_first(ids, distances)
        if self.mode == "connectivity":
            values = np.ones(ids.size, X.dtype)
        else:
            plain = np.sqrt(distances) if _SPACES[self.metric] == "l2" and self.metric != "sqeuclidean" else distances
            values = plain.astype(X.dtype).reshape(-1)
        indptr = np.arange(0, ids.size + 1, wanted, dtype=np.int32)
        return csr_matrix(
            (values, ids.astype(np.int32).reshape(-1), indptr), shape=(len(rows), self.n_samples_fit_))

    def fit_transform(self, X: Any, y: Any = None, **params: Any) -> csr_matrix:
        """:meth:`fit`, then :meth:`transform` of the same rows."""
        return self.fit(X).transform(X)

    def to_umap(self) -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]:
        """What UMAP takes as ``precomputed_knn``: ids (int32) and distances of n_neighbors columns, each row itself
        first."""
        check_is_fitted(self)
        wanted = self.n_neighbors
        ids, distances = self.index_.search(self._rows, wanted, ef=max(self.ef or 64, wanted), threads=self._threads())
        ids, distances = _selves_first(ids, distances)
        return ids.astype(np.int32), np.sqrt(distances) if _SPACES[self.metric] == "l2" else distances

    def _threads(self) -> int:
        return 1 if self.n_jobs is None else -1 if self.n_jobs < 0 else self.n_jobs

    @property
    def _n_features_out(self) -> int:
        return int(self.n_samples_fit_)

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.transformer_tags.preserves_dtype = ["float64", "float32"]
        return tags


def _selves_first(
    ids: np.ndarray[Any, Any], distances: np.ndarray[Any, Any]
) -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]:
    """Answers of rows for themselves, with each row first, at distance 0, also among rows that are equal to it."""
    count, k = ids.shape
    own = np.arange(count)[:, None]
    is_own = ids == own
    # A row that does not come up among its equals takes the place of the last answer.
    place = np.where(is_own.any(axis=1), is_own.argmax(axis=1), k - 1)
    others = np.ones((count, k), bool)
    others[np.arange(count), place] = False
    rest = (count, k - 1)
    return (
        np.hstack([own, ids[others].reshape(rest)]),
        np.hstack([np.zeros((count, 1), distances.dtype), distances[others].reshape(rest)]))
