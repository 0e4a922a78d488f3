#!/usr/bin/env python3
"""Writes ann.hdf5 and kinds.hdf5, the HDF5 files of the tests: pip install h5py numpy; python make_hdf5.py

ann.hdf5 is laid out as ann-benchmarks lays out its files: 12 rows of 3 floats in `train`, 4 in `test`, their 5 nearest
under the Euclidean distance. kinds.hdf5 holds one small table (0, 1, 2 / 3, 4, 5 unless noted) in every form.
"""
import h5py
import numpy as np


def main():
    random = np.random.default_rng(3)
    train = np.round(8 * random.standard_normal((12, 3))).astype("f4") / 2
    test = np.round(8 * random.standard_normal((4, 3))).astype("f4") / 2
    squares = ((test[:, None].astype("f8") - train[None]) ** 2).sum(2)
    neighbors = np.argsort(squares, axis=1, kind="stable")[:, :5]
    with h5py.File("ann.hdf5", "w") as file:
        file.attrs["type"] = "dense"
        file.attrs["distance"] = "euclidean"
        file.attrs["dimension"] = 3
        file.attrs["point_type"] = "float"
        file.create_dataset("train", data=train)
        file.create_dataset("test", data=test)
        file.create_dataset("neighbors", data=neighbors.astype("i4"))
        file.create_dataset("distances", data=np.sqrt(np.take_along_axis(squares, neighbors, 1)).astype("f4"))
    table = np.arange(6).reshape(2, 3)
    with h5py.File("kinds.hdf5", "w") as file:
        for kind in ["f2", "f4", "f8", ">f4", ">f8", "i1", "i2", ">i2", "i4", "i8", "u1", "u2", "u4", "u8"]:
            name = kind.replace(">", "big-")
            file.create_dataset(name, data=table.astype(kind))
        file.create_dataset("bool", data=table % 2 == 1)
        file.create_dataset("gzip", data=np.tile(table, (40, 1)).astype("f4"), chunks=(16, 2), compression="gzip", shuffle=True,
                            fletcher32=True)
        file.create_dataset("lzf", data=table.astype("f4"), chunks=(1, 3), compression="lzf")
        file.create_dataset("group/inner", data=table.astype("f4"))
        file.create_dataset("flat", data=np.arange(6, dtype="f4"))
        file.create_dataset("cube", data=np.zeros((2, 2, 2), "f4"))
        file.create_dataset("number", data=1.5)
        file.create_dataset("empty", data=np.zeros((0, 3), "f4"))
        file.create_dataset("narrow", data=np.zeros((2, 0), "f4"))
        file.create_dataset("text", data=np.array([[b"a", b"b"]]))
        file.create_dataset("complex", data=np.zeros((2, 3), "c8"))
        file.create_dataset("infinite", data=np.array([[0, np.inf, 1]], "f4"))
        file.create_dataset("huge", data=np.array([[0, 1e300, 1]]))
        file.create_dataset("time", data=1.7e9 + np.arange(3).reshape(3, 1))
        file.create_dataset("unwritten", shape=(1 << 40, 3), dtype="f4", chunks=(1024, 3))
        file["outside"] = h5py.ExternalLink("ann.hdf5", "train")
        file["alias"] = h5py.SoftLink("/f4")
        layout = h5py.VirtualLayout(shape=(12, 3), dtype="f4")
        layout[:] = h5py.VirtualSource("ann.hdf5", "train", shape=(12, 3))
        file.create_virtual_dataset("virtual", layout)
        file.create_dataset("beside", shape=(2, 3), dtype="f4", external=[("ann.hdf5", 0, 24)])


if __name__ == "__main__":
    main()
