"""The transformer of scikit-learn."""

import pickle

import numpy as np
import pytest
import scipy.sparse

pytest.importorskip("sklearn")
from sklearn.neighbors import KNeighborsClassifier  # noqa: E402
from sklearn.neighbors import KNeighborsTransformer as Reference  # noqa: E402
from sklearn.pipeline import make_pipeline  # noqa: E402
from sklearn.utils.estimator_checks import parametrize_with_checks  # noqa: E402

from graphmill.sklearn import KNeighborsTransformer  # noqa: E402


@pytest.mark.filterwarnings("ignore")
@parametrize_with_checks([KNeighborsTransformer(n_neighbors=3)])
def test_the_checks_of_sklearn(estimator, check):
    check(estimator)


@pytest.fixture
def data(random):
    return random.random((300, 8), np.float32)


@pytest.mark.parametrize("mode", ["distance", "connectivity"])
@pytest.mark.parametrize("metric", ["euclidean", "cosine", "manhattan"])
def test_as_in_sklearn(data, mode, metric):
    ours = KNeighborsTransformer(7, mode=mode, metric=metric).fit_transform(data)
    theirs = Reference(n_neighbors=7, mode=mode, metric=metric).fit_transform(data)
    assert scipy.sparse.isspmatrix_csr(ours) and ours.dtype == np.float32 and ours.indices.dtype == np.int32
    assert np.allclose(ours.toarray(), theirs.toarray(), atol=1e-3)


def test_the_row_itself_is_first(data):
    twice = np.vstack([data[:50]] * 3)
    made = KNeighborsTransformer(4).fit_transform(twice)
    ids, distances = made.indices.reshape(-1, 5), made.data.reshape(-1, 5)
    assert np.array_equal(ids[:, 0], np.arange(150)) and not distances[:, 0].any()
    assert (np.diff(distances, axis=1) >= 0).all()


def test_new_rows(data):
    made = KNeighborsTransformer(4).fit(data)
    assert made.transform(data[:9] + 0.01).shape == (9, 300)
    again = pickle.loads(pickle.dumps(made))
    assert (again.transform(data[:9]) != made.transform(data[:9])).nnz == 0
    with pytest.raises(ValueError, match="n_neighbors"):
        KNeighborsTransformer(300).fit_transform(data)


def test_in_a_pipeline(data):
    labels = (data[:, 0] > 0.5).astype(int)
    ours, theirs = (
        make_pipeline(made, KNeighborsClassifier(5, metric="precomputed")).fit(data, labels).predict(data)
        for made in (KNeighborsTransformer(5), Reference(n_neighbors=5)))
    assert np.array_equal(ours, theirs)


def test_for_umap(data):
    ids, distances = KNeighborsTransformer(6).fit(data).to_umap()
    assert ids.shape == distances.shape == (300, 6) and ids.dtype == np.int32
    assert np.array_equal(ids[:, 0], np.arange(300)) and (np.diff(distances, axis=1) >= 0).all()


@pytest.mark.filterwarnings("ignore")
def test_umap_takes_it(data):
    umap = pytest.importorskip("umap")
    settings = {"n_neighbors": 15, "random_state": 1, "init": "random", "n_epochs": 20}
    transformer = KNeighborsTransformer(15).fit(data)
    ours = umap.UMAP(**settings, precomputed_knn=transformer.to_umap()).fit(data).graph_
    theirs = umap.UMAP(**settings).fit(data).graph_
    assert abs(ours - theirs).max() < 1e-3


@pytest.mark.filterwarnings("ignore")
def test_scanpy_takes_it(data):
    anndata, scanpy = pytest.importorskip("anndata"), pytest.importorskip("scanpy")
    found = []
    for transformer in (KNeighborsTransformer(15), "sklearn"):
        cells = anndata.AnnData(data)
        scanpy.pp.neighbors(cells, n_neighbors=15, use_rep="X", transformer=transformer)
        found.append(cells.obsp["connectivities"])
    assert abs(found[0] - found[1]).max() < 1e-3
