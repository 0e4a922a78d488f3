"""Tickets: found, used, kept; features in every form."""

import pickle

import numpy as np
import pytest
import scipy.sparse

import graphmill
from graphmill import generators, learning

ROLES = np.tile(["train", "val", "test", ""], 60)


@pytest.fixture(scope="module")
def planted():
    return generators.block_model(240, 16, branching=3, ratio=0.05)


@pytest.fixture(scope="module")
def found(planted):
    return learning.find_tickets(
        planted.graph, np.eye(240, dtype=np.float32), planted.labels, ROLES, rounds=[3, 9], seeds=[1, 2], hidden=16,
        epochs=40)


def test_rounds(planted, found):
    assert [(row.round, row.seed) for row in found.rounds] == [(r, s) for s in (1, 2) for r in (0, 3, 9)]
    assert [round(row.edge_share, 3) for row in found.rounds[:3]] == pytest.approx([0, 1 - 0.95**3, 1 - 0.95**9], abs=0.01)
    assert all(row.test > 0.8 for row in found.rounds)
    ticket = found.ticket
    assert ticket.round in (3, 9) and ticket.validation == max(row.validation for row in found.rounds if row.round)
    assert ticket.graph.edge_count < planted.graph.edge_count and ticket.weight_count < ticket.parameter_count
    assert "test accuracy" in repr(ticket)


def test_predictions(planted, found):
    classes = found.ticket.predict(planted.graph, np.eye(240))
    shares = found.ticket.predict_proba(planted.graph, np.eye(240))
    tested = ROLES == "test"
    assert np.mean(classes[tested] == planted.labels[tested]) == pytest.approx(found.ticket.test)
    assert shares.shape == (240, 3) and np.allclose(shares.sum(1), 1, atol=1e-5)
    assert np.array_equal(shares.argmax(1), classes)


def test_features_in_every_form(planted, found):
    for features in (np.eye(240), scipy.sparse.eye_array(240), scipy.sparse.eye(240, format="coo")):
        again = learning.find_tickets(
            planted.graph, features, planted.labels, ROLES.tolist(), rounds=[3, 9], seeds=[1, 2], hidden=16, epochs=40,
            threads=1)
        assert again.rounds == found.rounds


def test_files(found, planted, tmp_path):
    path = tmp_path / "best.gmt"
    found.ticket.save(path)
    with pytest.raises(graphmill.OutputError):
        found.ticket.save(path)
    for again in (learning.open_ticket(path), pickle.loads(pickle.dumps(found.ticket))):
        assert again.weight_count == found.ticket.weight_count
        assert np.array_equal(again.predict(planted.graph, np.eye(240)), found.ticket.predict(planted.graph, np.eye(240)))
    with pytest.raises(graphmill.MissingInputError):
        learning.open_ticket(tmp_path / "none.gmt")


def test_refusals(planted, found):
    graph, labels = planted.graph, planted.labels
    features = np.eye(240)
    for call in (
        lambda: learning.find_tickets(graph, features[:5], labels, ROLES),
        lambda: learning.find_tickets(graph, features, labels[:5], ROLES),
        lambda: learning.find_tickets(graph, features, labels.astype(float), ROLES),
        lambda: learning.find_tickets(graph, features, labels, ROLES[:5]),
        lambda: learning.find_tickets(graph, features, labels, ["learn"] * 240),
        lambda: found.ticket.predict(graph, features[0]),
    ):
        with pytest.raises(ValueError):
            call()
    with pytest.raises(graphmill.DataError):
        found.ticket.predict(graph, features[:, :7])
    with pytest.raises(graphmill.DataError):
        learning.find_tickets(graph, np.full((240, 2), np.nan), labels, ROLES)
    with pytest.raises(graphmill.UsageError):
        learning.find_tickets(graph, features, labels, ROLES, model="mlp")
    with pytest.raises(graphmill.UsageError):
        learning.find_tickets(graph, features, labels, ROLES, rounds=[-1])
